from __future__ import annotations

import argparse
import builtins
import io
import os
import pickle
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile

import laser_checkpoints
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch_files import CONTAINERS, group, name, plain, storage, table, tensor, whole, write

from align.encoders.laser.checkpoint import read_checkpoint
from align.errors import ModelError

containers = pytest.mark.parametrize("container", CONTAINERS)


def small(path, container, **size):
    size = {**laser_checkpoints.SMALL, **size}
    laser_checkpoints.write_checkpoint(path, container=container, vocabulary=40, pieces=["▁trời", "▁mưa"], **size)
    return path


@containers
@pytest.mark.parametrize("size", [{}, {"bidirectional": False, "layers": 1}, {"layers": 3, "hidden": 5}])
def test_both_containers_give_the_weights_that_were_written(tmp_path, container, size):
    checkpoint = read_checkpoint(small(tmp_path / "laser.pt", container, **size))
    size = {**laser_checkpoints.SMALL, **size}
    expected = dict(laser_checkpoints.weights(40, 2, **size, scale=0.08))
    assert checkpoint.tensors.keys() == expected.keys()
    for key, values in expected.items():
        assert checkpoint.tensors[key].dtype == np.float32
        np.testing.assert_array_equal(checkpoint.tensors[key], values)
    assert checkpoint.params["num_layers"] == size["layers"]
    assert checkpoint.dim == size["hidden"] * (2 if size["bidirectional"] else 1)
    assert {piece: checkpoint.dictionary[piece] for piece in ("<s>", "<pad>", "</s>", "<unk>", "▁trời", "▁mưa")} == {
        "<s>": 0,
        "<pad>": 1,
        "</s>": 2,
        "<unk>": 3,
        "▁trời": 4,
        "▁mưa": 5,
    }


PARAMS = {"num_embeddings": 3, "padding_idx": 1, "embed_dim": 2, "hidden_size": 1}


def one_unit(container, kind="FloatStorage", **changed):
    """The operations of a checkpoint of one unit, all its tensors views of storage 0, which counts from 0 to 19."""

    def view(shape, strides, offset):
        return tensor(storage("0", 20, kind, container == "legacy"), shape, strides, offset)

    model = {
        "embed_tokens.weight": view((3, 2), (1, 3), 0),  # transposed
        "lstm.weight_ih_l0": view((4, 2), (2, 1), 6),
        "lstm.weight_hh_l0": view((4, 1), (1, 1), 14),
        "lstm.bias_ih_l0": view((4,), (1,), 16),  # overlaps its neighbour
        "lstm.bias_hh_l0": view((4,), (2,), 1),  # every other
    }
    parts = {"params": plain(PARAMS), "dictionary": plain({"<s>": 0}), "model": table(**model)}
    return whole(table(**{**parts, **changed}))


@containers
@pytest.mark.parametrize(("kind", "dtype"), [("FloatStorage", "<f4"), ("HalfStorage", "<f2"), ("DoubleStorage", "<f8")])
def test_offsets_strides_and_other_precisions_are_honoured(tmp_path, container, kind, dtype):
    numbers = np.arange(20).astype(dtype)
    content = one_unit(container, kind)
    path = write(tmp_path / "laser.pt", container, content, {"0": numbers.tobytes()}, numbers.itemsize)
    tensors = read_checkpoint(path).tensors
    assert tensors["embed_tokens.weight"].tolist() == [[0, 3], [1, 4], [2, 5]]
    assert tensors["lstm.weight_ih_l0"].tolist() == [[6, 7], [8, 9], [10, 11], [12, 13]]
    assert tensors["lstm.weight_hh_l0"].tolist() == [[14], [15], [16], [17]]
    assert tensors["lstm.bias_ih_l0"].tolist() == [16, 17, 18, 19]
    assert tensors["lstm.bias_hh_l0"].tolist() == [1, 3, 5, 7]
    assert {values.dtype for values in tensors.values()} == {np.dtype(np.float32)}


def test_what_params_leave_out_is_as_in_the_original(tmp_path):
    path = write(tmp_path / "laser.pt", "zip", one_unit("zip"), {"0": np.arange(20, dtype="<f4").tobytes()})
    defaults = {"num_layers": 1, "bidirectional": False, "left_pad": True, "padding_value": 0.0}
    assert read_checkpoint(path).params == PARAMS | defaults


class Hostile:
    """Pickles as a call, which a trusting reader makes."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def refused(path, reason):
    with pytest.raises(ModelError, match=reason) as caught:
        read_checkpoint(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@containers
@pytest.mark.parametrize("place", ["alone", "params", "dictionary", "weights"])
def test_a_file_that_would_run_a_command_does_not(tmp_path, container, place):
    mark = tmp_path / "ran"
    attack = Hostile(os.system, f"echo > {mark}")
    pickle.loads(pickle.dumps(attack, 2))
    assert mark.exists()  # it is a real one
    mark.unlink()
    content = {
        "alone": whole(plain(attack)),
        "params": one_unit(container, params=plain(PARAMS | {"left_pad": attack})),
        "dictionary": one_unit(container, dictionary=plain({"<s>": attack})),
        "weights": one_unit(container, model=table(**{"embed_tokens.weight": plain(attack)})),
    }[place]
    refused(write(tmp_path / "laser.pt", container, content, {"0": bytes(80)}), f"names {os.system.__module__}.system")
    assert not mark.exists()


@containers
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (plain(Hostile(eval, "1 + 1")), "names .*builtin.*eval"),
        (plain(Hostile(subprocess.Popen, ["true"])), "names (commands|subprocess).Popen"),
        (plain(Hostile(getattr, Hostile(__import__, "os"), "system")), "names .*builtin.*getattr"),
        (plain(Hostile(builtins.print, "x")), "names .*builtin.*print"),
        (name("torch", "load") + group(plain("x")) + b"R", "names torch.load"),
        (name("torch._utils", "_rebuild_tensor_v2.__globals__"), "names torch._utils._rebuild_tensor_v2.__globals__"),
        (name("numpy", "frombuffer"), "names numpy.frombuffer"),
        # White-listed names, used for what they are not there for.
        (name("torch", "FloatStorage") + group(plain(1 << 40)) + b"R", "calls torch.FloatStorage"),
        (name("argparse", "Namespace") + b")R", "calls argparse.Namespace"),
        (name("argparse", "Namespace") + group(plain(1)) + b"\x81", "makes an object of argparse.Namespace"),
        (name("torch._utils", "_rebuild_tensor_v2") + b")\x81", "makes an object of torch._utils._rebuild_tensor_v2"),
        (name("argparse", "Namespace") + plain({"__init__": 1}) + b"b", "sets the state of argparse.Namespace"),
        (name("collections", "OrderedDict") + plain({"get": 1}) + b"b", "sets the state of collections.OrderedDict"),
        (
            name("torch._utils", "_rebuild_tensor_v2") + group(b"N", plain({"__code__": 1})) + b"b",
            "sets the state of torch._utils._rebuild_tensor_v2 to a tuple",
        ),
        (name("argparse", "Namespace") + b")\x81" + group(b"N", b"}") + b"b", "sets the state of a .* to a tuple"),
        (name("collections", "OrderedDict") + group(plain([["a", 1]])) + b"R", "OrderedDict out of arguments"),
        (name("torch._utils", "_rebuild_parameter") + group(plain([1]), b"\x88", b"N") + b"R", "made of a list"),
        (plain(1) + b")R", "calls a int"),
        # Operations that torch.save has no use for.
        (plain("os") + plain("system") + b"\x93", "operation STACK_GLOBAL"),
        (b"(ios\nsystem\n", "operation INST"),
        (b"(" + name("collections", "OrderedDict") + b"o", "operation OBJ"),
        (b"\x82\x01", "operation EXT1"),
        (b"S'x'\n", "operation STRING"),
        (b"\x8b\x00\x00\x00\x00", "operation LONG4"),
        (b"Px\n", "operation PERSID"),
        # Nonsense.
        (b"}" + group(plain(1)) + plain(2) + b"s", "has a tuple as a key"),
        (b"0", "operation POP"),
        (b"R", "damaged"),
        (b"h\x05", "damaged"),
        (b"\xff", "damaged"),
        (b"X\xff\xff\xff\x7fabc", "damaged"),
        (plain(1) + plain(2) + b"a", "appends to a int"),
        (plain([1]), "holds a list, not a dict"),
        (plain({}), "no entry 'params'; it has: nothing"),
        (plain({"state": 1, "model": 2}), "no entry 'params'; it has: state, model"),
    ],
)
def test_everything_but_weights_is_refused_by_name(tmp_path, container, content, reason):
    refused(write(tmp_path / "laser.pt", container, whole(content), {}), reason)


@containers
@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (group(plain("module"), name("torch", "FloatStorage"), *map(plain, ("0", "cpu", 20))), "persistent id"),
        (plain("storage"), "a str as a persistent id"),
        (group(plain("storage"), plain("0")), "a tuple as a persistent id"),
        (group(plain("storage"), plain("FloatStorage"), *map(plain, ("0", "cpu", 20))), "is of a str"),
        (group(plain("storage"), name("argparse", "Namespace"), *map(plain, ("0", "cpu", 20))), "is of argparse.N"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, ("../0", "cpu", 20))), "the key '../0'"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, ("٣", "cpu", 20))), "has the key"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, (0, "cpu", 20))), "has the key 0"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, ("0", "cpu", -1))), "has -1 elements"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, ("0", "cpu", True))), "True elements"),
        (group(plain("storage"), name("torch", "FloatStorage"), *map(plain, ("0", "cpu", 20, ("1", 0, 2)))), "a view"),
        (group(plain("storage"), name("torch", "BFloat16Storage"), *map(plain, ("0", "cpu", 20))), "torch.BFloat16St"),
    ],
)
def test_only_the_ids_of_storages_are_followed(tmp_path, container, identity, reason):
    refused(write(tmp_path / "laser.pt", container, whole(identity + b"Q"), {}), reason)


@containers
@pytest.mark.parametrize(
    ("shape", "strides", "offset", "reason"),
    [
        ((3, 2), (2, 1), 15, "reaches outside"),
        ((3, 2), (2, 1), -1, "no integer from 0"),
        ((3, 2), (-2, 1), 10, "no integer from 0"),
        ((3, 2), (1 << 70, 1), 0, "reaches outside"),
        ((1 << 40, 1 << 40), (0, 0), 0, "reaches outside"),
        ((3, 2), (2,), 0, "do not fit each other"),
        ((1,) * 9, (1,) * 9, 0, "9 dimensions; allowed: 8"),
        ((2, 3), (3, 1), 0, r"embed_tokens.weight has the shape \(2, 3\), but params say \(3, 2\)"),
        ((3.0, 2), (2, 1), 0, "no integer from 0"),
    ],
)
def test_tensors_stay_inside_their_storage(tmp_path, container, shape, strides, offset, reason):
    view = tensor(storage("0", 20, legacy=container == "legacy"), shape, strides, offset)
    others = dict.fromkeys(("lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0"), view)
    content = one_unit(container, model=table(**{"embed_tokens.weight": view}, **others))
    refused(write(tmp_path / "laser.pt", container, content, {"0": bytes(80)}), reason)


@containers
@pytest.mark.parametrize("claimed", [21, 1 << 20, 1 << 40, 1 << 62])
def test_no_memory_is_taken_for_what_is_only_claimed(tmp_path, container, claimed):
    content = whole(storage("0", claimed, legacy=container == "legacy"))
    path = write(tmp_path / "laser.pt", container, content, {"0": bytes(80)})
    if container == "legacy":  # the count beside the elements lies as well
        path.write_bytes(path.read_bytes()[:-88] + claimed.to_bytes(8, "little") + bytes(80))
    tracemalloc.start()
    refused(path, "cut short in storage 0|has 80 bytes")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 21


@containers
def test_a_place_in_the_memo_costs_no_memory(tmp_path, container):
    content = whole(plain({}) + b"r\xff\xff\xff\x7f")  # memo[2147483647]: pickle.Unpickler takes 34 GB for it
    tracemalloc.start()
    refused(write(tmp_path / "laser.pt", container, content, {}), "no entry 'params'")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 21


@containers
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"params": plain([1])}, "params is a list"),
        ({"params": plain({**PARAMS, "dropout": 0.1})}, "params has 'dropout'; allowed: num_embeddings"),
        ({"params": plain({**PARAMS, "hidden_size": 0})}, "hidden_size 0; allowed: 1 to"),
        ({"params": plain({**PARAMS, "num_layers": 1 << 40})}, "num_layers 1099511627776; allowed: 1 to 64"),
        ({"params": plain({**PARAMS, "embed_dim": "320"})}, "a str as 'embed_dim'; allowed: int"),
        ({"params": plain({**PARAMS, "bidirectional": True})}, "'lstm.weight_ih_l0_reverse' is in one only"),
        ({"params": plain({**PARAMS, "hidden_size": 2})}, r"lstm.weight_ih_l0 has the shape \(4, 2\), but params say"),
        ({"params": plain({**PARAMS, "padding_idx": 3})}, "padding_idx 3; allowed: 0 to 2"),
        ({"params": plain({"embed_dim": 2})}, "a NoneType as 'num_embeddings'"),
        ({"dictionary": plain(None)}, "dictionary is a NoneType"),
        ({"dictionary": plain({"▁mưa": 3})}, "'▁mưa': 3; allowed: str: int from 0, below 3"),
        ({"dictionary": plain({"▁mưa": "2"})}, "'▁mưa': '2'"),
        ({"model": plain(None)}, "model is a NoneType"),
        ({"model": plain({"embed_tokens.weight": 1})}, "'lstm.weight_ih_l0' is in one only"),
        ({"model": plain({"lstm.weight_xx_l0": 1})}, "'lstm.weight_xx_l0' is in one only"),
    ],
)
def test_parts_that_do_not_fit_together_are_named(tmp_path, container, change, reason):
    path = tmp_path / "laser.pt"
    uses = "model" not in change
    refused(write(path, container, one_unit(container, **change), {"0": bytes(80)} if uses else {}), reason)


@containers
@pytest.mark.parametrize("kind", ["LongStorage", "IntStorage"])
def test_weights_must_be_floating_point_numbers(tmp_path, container, kind):
    width = {"LongStorage": 8, "IntStorage": 4}[kind]
    content = one_unit(container, kind)
    refused(write(tmp_path / "a.pt", container, content, {"0": bytes(20 * width)}, width), "embed_tokens.* holds int")


@containers
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_must_be_finite(tmp_path, container, bad):
    numbers = np.zeros(20, "<f4")
    numbers[12] = bad
    path = write(tmp_path / "laser.pt", container, one_unit(container), {"0": numbers.tobytes()})
    refused(path, "lstm.weight_ih_l0 has values that are not finite")


@containers
def test_a_transformer_is_refused_by_its_name(tmp_path, container):
    config = {"model": argparse.Namespace(_name="laser_transformer", encoder_layers=12), "task": None}
    path = tmp_path / "laser3-vie_Latn.v1.pt"
    laser_checkpoints.write_state(path, {"cfg": config}, {"layers.0.fc1.weight": np.zeros((2, 2), "f4")}, container)
    refused(path, r"is a transformer \(laser_transformer\), and only the LSTM kind is run here")


def test_tar_archives_and_other_files_are_refused_by_name(tmp_path):
    path = tmp_path / "laser.pt"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("sys_info"), io.BytesIO())
    refused(path, "a tar archive of torch 0.1")
    path.write_bytes(b"Tr\xe1\xbb\x9di m\xc6\xb0a.\n")
    refused(path, "neither a zip archive nor a stream")
    path.write_bytes(b"")
    refused(path, "neither a zip archive nor a stream")
    path.unlink()
    refused(path, "cannot be read: No such file")


def test_archives_that_torch_does_not_write_are_refused(tmp_path):
    path = tmp_path / "laser.pt"
    content, numbers = one_unit("zip"), bytes(80)

    def archive(*entries, method=zipfile.ZIP_STORED):
        with zipfile.ZipFile(path, "w", method) as file:
            for entry, data in entries:
                file.writestr(entry, data)

    archive(("a/data.pkl", content), ("a/data/0", numbers), method=zipfile.ZIP_DEFLATED)
    refused(path, "compressed or encrypted")
    archive(("a/data.pkl", content), ("b/data.pkl", content), ("a/data/0", numbers))
    refused(path, "2 entries named data.pkl")
    archive(("a/data/0", numbers))
    refused(path, "0 entries named data.pkl")
    archive(("a/data.pkl", content), ("data/0", numbers), ("a/data/1", numbers))
    refused(path, "no entry a/data/0")
    archive(("a/data.pkl", content), ("a/data/0", numbers), ("a/byteorder", b"big"))
    refused(path, "big-endian")
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive(("a/data.pkl", content), ("a/data/0", numbers), ("a/data/0", numbers))
    refused(path, "two entries 'a/data/0'")


def test_a_storage_is_of_one_type_and_size(tmp_path):
    content = whole(group(storage("0", 20), storage("0", 10)))
    refused(write(tmp_path / "laser.pt", "zip", content, {"0": bytes(80)}), "storage 0 is named twice")


def test_streams_of_other_versions_and_with_other_storages_are_refused(tmp_path):
    path = write(tmp_path / "laser.pt", "legacy", one_unit("legacy"), {"0": bytes(80)})
    data = path.read_bytes()
    path.write_bytes(data.replace(pickle.dumps(1001, 2), pickle.dumps(1002, 2)))
    refused(path, "stream of another version; allowed: 1001")
    path.write_bytes(data.replace(b"\x88s", b"\x89s").replace(b"\x88", b"\x89", 1))
    refused(path, "not said to be little-endian")
    write(path, "legacy", one_unit("legacy"), {"0": bytes(80), "1": bytes(80)})
    refused(path, "not those that the tensors need")


@containers
def test_a_file_cut_anywhere_is_refused(tmp_path, container):
    path = small(tmp_path / "laser.pt", container, layers=1, hidden=2, embed_dim=2)
    data = path.read_bytes()
    step = 7 if len(data) > 3000 else 1
    for length in range(0, len(data), step):
        path.write_bytes(data[:length])
        with pytest.raises(ModelError):
            read_checkpoint(path)


@containers
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_noticed_or_harmless_and_never_another_error(tmp_path, container, data):
    path = tmp_path / "laser.pt"
    content = one_unit(container)
    damaged = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=4)):
        damaged[place] = data.draw(st.integers(0, 255))
    write(path, container, bytes(damaged), {"0": np.arange(20, dtype="<f4").tobytes()})
    try:
        checkpoint = read_checkpoint(path)
    except ModelError:
        return
    assert checkpoint.tensors["lstm.weight_hh_l0"].shape == (4, 1)


def test_reading_imports_no_torch(tmp_path):
    path = small(tmp_path / "laser.pt", "zip")
    code = (
        "import sys; from align.encoders.laser.checkpoint import read_checkpoint;"
        f"read_checkpoint({str(path)!r}); print([m for m in ('torch', 'onnxruntime', 'pickle') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "torch" not in loaded
    assert "onnxruntime" not in loaded


def test_a_cvocab_must_have_the_ids_of_the_checkpoint(tmp_path):
    checkpoint = read_checkpoint(small(tmp_path / "laser.pt", "zip"))
    checkpoint.check_dictionary({"<unk>": 3, "▁trời": 4, "▁mưa": 5})
    with pytest.raises(ModelError, match="the piece '▁mưa' has the id 5 in the checkpoint, 6 in the cvocab"):
        checkpoint.check_dictionary({"▁mưa": 6})
    with pytest.raises(ModelError, match="the piece '▁nắng' has the id none in the checkpoint"):
        checkpoint.check_dictionary({"▁nắng": 6})
