from __future__ import annotations

import hashlib
import itertools

import laser_checkpoints
import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laser_reference import Reference

from align.encoders.laser import convert as module
from align.encoders.laser.checkpoint import read_checkpoint
from align.encoders.laser.convert import PRECISIONS, convert
from align.encoders.laser.onnx_file import FLOAT, INT64, Graph, write_model
from align.errors import OptionError, OutputError

VOCABULARY = 60
PAD, EOS = 1, 2
SIZES = {
    "small": laser_checkpoints.SMALL,
    "one direction": {**laser_checkpoints.SMALL, "bidirectional": False, "layers": 3},
    "one layer, odd sizes": {"layers": 1, "hidden": 7, "embed_dim": 5, "bidirectional": True},
    "true": laser_checkpoints.TRUE_SIZE,
}


class Network:
    """A converted checkpoint."""

    def __init__(self, folder, size, precision, seed=2):
        path = folder / "laser.pt"
        laser_checkpoints.write_checkpoint(path, vocabulary=VOCABULARY, seed=seed, **SIZES[size])
        self.checkpoint = read_checkpoint(path)
        self.file = folder / f"network-{precision}.onnx"
        convert(self.checkpoint, self.file, precision)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.file, options, providers=["CPUExecutionProvider"])

    def run(self, rows, spare=0):
        """Return the vectors of rows of ids; `spare` more steps of padding than the longest needs."""
        lengths = np.array([len(row) for row in rows], np.int64)
        tokens = np.full((lengths.max() + spare, len(rows)), PAD, np.int32)
        for column, row in enumerate(rows):
            tokens[: len(row), column] = row
        return self.session.run(None, {"tokens": tokens, "lengths": lengths})[0]

    def expected(self, rows):
        return Reference(self.checkpoint.params, self.checkpoint.tensors).encode(rows)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    made = {}

    def get(size, precision):
        if (size, precision) not in made:
            made[size, precision] = Network(tmp_path_factory.mktemp("network"), size, precision)
        return made[size, precision]

    return get


def rows_of_ids(count, longest=24, seed=3):
    generator = np.random.default_rng(seed)
    lengths = generator.integers(0, longest, count)
    return [[*generator.integers(3, VOCABULARY, length).tolist(), EOS] for length in lengths]


def cosines(a, b):
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.parametrize("size", SIZES)
def test_fp32_is_the_original_whatever_the_mix_of_lengths(network, size):
    rows = [[EOS], *rows_of_ids(*((2, 8) if size == "true" else (12, 24)))]
    found = network(size, "fp32").run(rows)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, network(size, "fp32").expected(rows), atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", SIZES)
def test_int8_is_close_to_the_original(network, size):
    rows = rows_of_ids(12)
    found, expected = network(size, "int8").run(rows), network(size, "fp32").run(rows)
    assert cosines(found, expected).min() > 0.99
    assert np.abs(found - expected).max() > 1e-5  # it is not fp32 under another name


@pytest.mark.parametrize("precision", PRECISIONS)
def test_padding_inside_a_row_runs_through_the_network_but_is_not_pooled(network, precision):
    row, without = [7, PAD, PAD, 9, EOS], [7, 9, EOS]
    found, other = network("small", precision).run([row, without])
    expected = network("small", "fp32").expected([row])[0]
    np.testing.assert_allclose(found, expected, atol=1e-5 if precision == "fp32" else 0.1, rtol=0)
    assert np.abs(found - other).max() > 1e-3


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("size", ["small", "true"])
def test_a_vector_is_the_same_to_the_last_bit_in_any_batch(network, size, precision):
    rows = rows_of_ids(20)
    together = network(size, precision).run(rows)
    alone = np.concatenate([network(size, precision).run([row]) for row in rows])
    assert (together == alone).all()
    assert (network(size, precision).run(rows[::-1])[::-1] == together).all()
    assert (network(size, precision).run(rows[:5], spare=13) == together[:5]).all()
    # In int8 a row of large values beside it would change a scale that is shared.
    assert (network(size, precision).run([*rows[:3], [5] * 60])[:3] == together[:3]).all()


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(st.integers(0, VOCABULARY - 1), max_size=9), min_size=1, max_size=6),
    precision=st.sampled_from(PRECISIONS),
)
def test_any_rows_give_finite_vectors_that_do_not_depend_on_their_company(network, rows, precision):
    rows = [[*row, EOS] for row in rows]
    together = network("small", precision).run(rows)
    assert np.isfinite(together).all()
    alone = np.concatenate([network("small", precision).run([row]) for row in rows])
    assert (together == alone).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_equal_checkpoints_give_equal_bytes(tmp_path, precision):
    digests = set()
    for run, container in itertools.product(range(2), ("zip", "legacy")):
        path = tmp_path / f"{run}-{container}.pt"
        laser_checkpoints.write_checkpoint(path, container=container, vocabulary=VOCABULARY, **laser_checkpoints.SMALL)
        output = tmp_path / f"{run}.onnx"
        convert(read_checkpoint(path), output, precision)
        digests.add(hashlib.sha256(output.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_int8_has_one_byte_a_weight(network):
    checkpoint = network("true", "int8").checkpoint
    count = sum(values.size for values in checkpoint.tensors.values())
    assert network("true", "fp32").file.stat().st_size == pytest.approx(4 * count, rel=0.001)
    assert network("true", "int8").file.stat().st_size == pytest.approx(count, rel=0.02)


def test_no_sum_of_two_products_leaves_16_bits():
    largest = module._ZERO + module._LARGEST_INPUT
    assert 2 * largest * module._LARGEST_WEIGHT <= np.iinfo(np.int16).max
    assert module._ZERO - module._LARGEST_INPUT >= 0


def test_weights_of_nothing_but_zeros_convert(tmp_path):
    path = tmp_path / "laser.pt"
    laser_checkpoints.write_checkpoint(path, vocabulary=VOCABULARY, **laser_checkpoints.SMALL)
    checkpoint = read_checkpoint(path)
    for name in checkpoint.tensors:
        checkpoint.tensors[name] = np.zeros_like(checkpoint.tensors[name])
    convert(checkpoint, tmp_path / "network.onnx", "int8")
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx", providers=["CPUExecutionProvider"])
    tokens = np.array([[5], [EOS]], np.int32)
    assert (session.run(None, {"tokens": tokens, "lengths": np.array([2])})[0] == 0).all()


def test_unknown_precisions_and_impossible_places_are_refused(network, tmp_path):
    checkpoint = network("small", "fp32").checkpoint
    with pytest.raises(OptionError, match="precision is 'fp16'; allowed: int8, fp32"):
        convert(checkpoint, tmp_path / "network.onnx", "fp16")
    with pytest.raises(OutputError, match="missing"):
        convert(checkpoint, tmp_path / "missing" / "network.onnx", "int8")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0, 4), (2, 1, 300)])
@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_constants_of_any_shape_arrive(tmp_path, shape, dtype):
    values = np.arange(-7, np.prod(shape, dtype=int) - 7).astype(dtype).reshape(shape)
    graph = Graph("constants")
    kind = FLOAT if dtype == "float32" else INT64
    graph.output(graph.add("Identity", graph.constant(values.T)), kind, values.T.shape)
    write_model(tmp_path / "a.onnx", graph, "test")
    session = onnxruntime.InferenceSession(tmp_path / "a.onnx", providers=["CPUExecutionProvider"])
    found = session.run(None, {})[0]
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, values.T)
