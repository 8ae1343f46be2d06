"""Reads the pickles inside PyTorch checkpoints without ever calling what they name.

A pickle is a program for a stack machine, and `pickle.load` runs it: it imports what it names, calls it, and lets it
set attributes. Here the machine knows only the operations that torch.save (pickle protocol 2) emits for numbers, texts,
lists, tuples, dictionaries and tensors. The few names that these need are compared, never resolved; building a tensor
makes a record. So a file can lie about its content, but it cannot do anything.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

MAX_DIMENSIONS = 8


class RefusedError(ValueError):
    """What was read is damaged or not allowed; the message is the reason, for whoever knows the file's name."""


@dataclass(frozen=True)
class StorageRecord:
    """A flat array that the container has under `key`, of `count` elements."""

    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True)
class TensorRecord:
    """A view of a storage: `offset` and `strides` in elements, inside the storage and no larger than it."""

    storage: StorageRecord
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass
class NamespaceRecord:
    """The attributes of an argparse.Namespace, which is where LASER3 checkpoints keep their configuration."""

    attributes: dict[Any, Any] = field(default_factory=dict)


def read_pickle(file: BinaryIO) -> tuple[Any, dict[str, StorageRecord]]:
    """Return what the pickle at the position of `file` builds, and the storages it names; stop behind it.

    The content is made of None, bool, int, float, str, tuple, list, dict, `TensorRecord`, `StorageRecord` and
    `NamespaceRecord`. An OrderedDict becomes a dict, and the attributes that torch hangs on it are dropped.

    Raises:
        RefusedError: the pickle is damaged, names a class that is not needed for weights, or has an operation that
            torch.save does not emit.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(file):
            if opcode.name == "STOP":
                return machine.stack.pop(), machine.storages
            action = _ACTIONS.get(opcode.name)
            if action is None:
                raise RefusedError(f"the pickle has the operation {opcode.name}, which torch.save does not write")
            action(machine, argument)
    except RefusedError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        # Too few values on the stack, a reference to nothing, a list as a key, a cut end ...
        raise RefusedError(f"the pickle is damaged ({type(error).__name__}: {error!s:.80})") from error
    raise RefusedError("the pickle has no end")


@dataclass(frozen=True)
class _Name:
    """A class or function that the pickle names; only its name is known."""

    name: str


class _Machine:
    """The stack, the stacks below the open marks, the memo, and the storages by key."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.storages: dict[str, StorageRecord] = {}

    def mark(self) -> None:
        self.below.append(self.stack)
        self.stack = []

    def pop_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.below.pop()
        return items


def _push(machine: _Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _constant(make: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _tuple(size: int) -> Callable[[_Machine, Any], None]:
    def build(machine: _Machine, _: Any) -> None:
        items = [machine.stack.pop() for _ in range(size)]
        machine.stack.append(tuple(reversed(items)))

    return build


def _append(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not list:
        raise RefusedError(f"the pickle appends to {_kind(target)}")
    target.extend(items)


def _set_items(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not dict:
        raise RefusedError(f"the pickle sets items of {_kind(target)}")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if type(key) not in (str, int):
            raise RefusedError(f"the pickle has {_kind(key)} as a key; allowed: str, int")
        target[key] = value


def _set_item(machine: _Machine, _: Any) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    _set_items(machine, [key, value])


def _put(machine: _Machine, index: int) -> None:
    machine.memo[index] = machine.stack[-1]


def _get(machine: _Machine, index: int) -> None:
    machine.stack.append(machine.memo[index])


def _global(machine: _Machine, argument: str) -> None:
    name = argument.replace(" ", ".", 1)
    if name not in _CALLS and name not in _STORAGES and name != _NAMESPACE:
        raise RefusedError(f"the pickle names {name}, which no LASER checkpoint of the LSTM kind needs")
    machine.stack.append(_Name(name))


def _reduce(machine: _Machine, _: Any) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    if not isinstance(function, _Name) or function.name not in _CALLS:
        raise RefusedError(f"the pickle calls {_kind(function)}")
    if type(arguments) is not tuple:
        raise RefusedError(f"the pickle calls {function.name} with {_kind(arguments)} instead of a tuple")
    machine.stack.append(_CALLS[function.name](*arguments))


def _new_object(machine: _Machine, _: Any) -> None:
    arguments, cls = machine.stack.pop(), machine.stack.pop()
    if cls != _Name(_NAMESPACE) or arguments != ():
        raise RefusedError(f"the pickle makes an object of {_kind(cls)}")
    machine.stack.append(NamespaceRecord())


def _build(machine: _Machine, _: Any) -> None:
    state = machine.stack.pop()
    target = machine.stack[-1]
    if type(state) is not dict:
        raise RefusedError(f"the pickle sets the state of {_kind(target)} to {_kind(state)}")
    if type(target) is NamespaceRecord:
        target.attributes = state
    elif type(target) is not dict:  # the versions of modules, hung on an OrderedDict: nothing here looks at them
        raise RefusedError(f"the pickle sets the state of {_kind(target)}")


def _persistent(machine: _Machine, _: Any) -> None:
    identity = machine.stack.pop()
    if type(identity) is not tuple or len(identity) not in (5, 6) or identity[0] != "storage":
        raise RefusedError(f"the pickle has {_kind(identity)} as a persistent id, not that of a storage")
    _, kind, key, _, count = identity[:5]
    if len(identity) == 6 and identity[5] is not None:
        raise RefusedError("a storage is a view of another one, which torch has not written since version 0.4")
    if not isinstance(kind, _Name) or kind.name not in _STORAGES:
        raise RefusedError(f"a storage is of {_kind(kind)}; allowed: {', '.join(_STORAGES)}")
    if type(key) is not str or not (key.isascii() and key.isdecimal()):
        raise RefusedError(f"a storage has the key {key!r:.40}; allowed: digits")
    if type(count) is not int or count < 0:
        raise RefusedError(f"storage {key} has {count!r:.40} elements")
    record = StorageRecord(key, np.dtype(_STORAGES[kind.name]), count)
    if machine.storages.setdefault(key, record) != record:
        raise RefusedError(f"storage {key} is named twice, with different types or sizes")
    machine.stack.append(record)


def _rebuild_tensor(storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> TensorRecord:
    if type(storage) is not StorageRecord:
        raise RefusedError(f"a tensor is a view of {_kind(storage)}, not of a storage")
    if type(shape) is not tuple or type(strides) is not tuple or len(shape) != len(strides):
        raise RefusedError(f"a tensor in storage {storage.key} has a shape and strides that do not fit each other")
    if len(shape) > MAX_DIMENSIONS:
        raise RefusedError(f"a tensor in storage {storage.key} has {len(shape)} dimensions; allowed: {MAX_DIMENSIONS}")
    if any(type(number) is not int or number < 0 for number in (offset, *shape, *strides)):
        raise RefusedError(f"a tensor in storage {storage.key} has an offset, size or stride that is no integer from 0")
    count, last = 1, offset
    for size, stride in zip(shape, strides, strict=True):
        count *= size
        last += (size - 1) * stride
    # A stride of 0 would make a tensor of any size out of one element.
    if count and (last >= storage.count or count > storage.count):
        raise RefusedError(f"a tensor of shape {shape} reaches outside its storage {storage.key} of {storage.count}")
    return TensorRecord(storage, offset, shape, strides)


def _rebuild_parameter(tensor: Any, *_: Any) -> TensorRecord:
    if type(tensor) is not TensorRecord:
        raise RefusedError(f"a parameter is made of {_kind(tensor)}, not of a tensor")
    return tensor


def _ordered_dict(*arguments: Any) -> dict[Any, Any]:
    if arguments:
        raise RefusedError("the pickle makes an OrderedDict out of arguments")
    return {}


def _kind(value: Any) -> str:
    """Describe a value that is not to be trusted: it may be huge, or contain itself."""
    return value.name if isinstance(value, _Name) else f"a {type(value).__name__}"


_NAMESPACE = "argparse.Namespace"
_CALLS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": _rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
    "collections.OrderedDict": _ordered_dict,
}
_STORAGES = {
    "torch.FloatStorage": "<f4",
    "torch.HalfStorage": "<f2",
    "torch.DoubleStorage": "<f8",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "?",
}
_ACTIONS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": lambda machine, _: None,
    "MARK": lambda machine, _: machine.mark(),
    "NONE": _constant(lambda: None),
    "NEWTRUE": _constant(lambda: True),
    "NEWFALSE": _constant(lambda: False),
    **dict.fromkeys(("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE"), _push),
    "EMPTY_TUPLE": _constant(tuple),
    "TUPLE": lambda machine, _: _push(machine, tuple(machine.pop_mark())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "EMPTY_LIST": _constant(list),
    "APPEND": lambda machine, _: _append(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine, _: _append(machine, machine.pop_mark()),
    "EMPTY_DICT": _constant(dict),
    "SETITEM": _set_item,
    "SETITEMS": lambda machine, _: _set_items(machine, machine.pop_mark()),
    **dict.fromkeys(("BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _get),
    "GLOBAL": _global,
    "REDUCE": _reduce,
    "BUILD": _build,
    "NEWOBJ": _new_object,
    "BINPERSID": _persistent,
}
