"""ONNX files written without the `onnx` package, which would add 36 MB to the 83 MB of ONNX Runtime.

Only what a network of a few dozen nodes needs is here: the messages ModelProto, GraphProto, NodeProto, AttributeProto,
TensorProto and ValueInfoProto of onnx.proto (ONNX 1.14, IR version 9), in the wire format of Protocol Buffers. Fields
are written in ascending order and names are counted, so equal networks give equal bytes whatever is installed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 9
OPSET = 18

FLOAT, UINT8, INT8, INT32, INT64 = 1, 2, 3, 6, 7
"""TensorProto.DataType."""

_DTYPES = {"float32": FLOAT, "uint8": UINT8, "int8": INT8, "int32": INT32, "int64": INT64}
_VARINT, _LENGTH = 0, 2
_INT_KIND, _GRAPH_KIND = 2, 5

Message = list[bytes | memoryview]
"""The parts of a serialised message, one after the other; weights stay where they are until they are written."""


class Graph:
    """Collects the constants and nodes of one graph, which may be the body of a loop in another.

    Every method that makes a value returns its name.

        graph = Graph("double")
        x = graph.input("x", FLOAT, ["rows"])
        graph.output(graph.add("Add", x, x), FLOAT, ["rows"])
        write_model(Path("double.onnx"), graph, "me")
    """

    def __init__(self, name: str) -> None:
        """Start an empty graph; `name` begins the name of every value in it and must be unique in the file."""
        self.name = name
        self._nodes: list[Message] = []
        self._constants: list[Message] = []
        self._inputs: list[Message] = []
        self._outputs: list[Message] = []

    def input(self, name: str, kind: int, shape: Sequence[int | str]) -> str:
        """Declare an input; a dimension is its size, or a name if it varies."""
        self._inputs.append(_value_info(name, kind, shape))
        return name

    def output(self, name: str, kind: int, shape: Sequence[int | str]) -> None:
        """Declare that the value `name` leaves the graph."""
        self._outputs.append(_value_info(name, kind, shape))

    def constant(self, values: NDArray[Any]) -> str:
        """Add an array of one of the types float32, uint8, int8, int32, int64, which is not copied if contiguous."""
        name = f"{self.name}_c{len(self._constants)}"
        self._constants.append(_tensor(name, values))
        return name

    def add(self, op: str, *inputs: str, **attributes: int | Graph) -> str:
        """Add a node with one output."""
        return self.add_many(op, *inputs, outputs=1, **attributes)[0]

    def add_many(self, op: str, *inputs: str, outputs: int, **attributes: int | Graph) -> list[str]:
        """Add a node with several outputs; an attribute is an int or, for the body of a loop, a `Graph`."""
        number = len(self._nodes)
        names = [f"{self.name}_n{number}_{i}" for i in range(outputs)]
        node: Message = []
        for name in inputs:
            node += _text(1, name)
        for name in names:
            node += _text(2, name)
        node += _text(3, f"{self.name}_n{number}")
        node += _text(4, op)
        for name in sorted(attributes):
            node += _nested(5, _attribute(name, attributes[name]))
        self._nodes.append(node)
        return names

    def message(self) -> Message:
        """Return the GraphProto."""
        fields = [(1, self._nodes), (5, self._constants), (11, self._inputs), (12, self._outputs)]
        parts: Message = []
        for field, messages in fields:
            for message in messages:
                parts += _nested(field, message)
            if field == 1:
                parts += _text(2, self.name)
        return parts


def write_model(path: Path, graph: Graph, producer: str) -> None:
    """Write a ModelProto with `graph`; it is written in pieces, so that no second copy of the weights is in memory."""
    model = _number(1, IR_VERSION) + _text(2, producer) + _nested(7, graph.message())
    model += _nested(8, _text(1, "") + _number(2, OPSET))
    with path.open("wb") as file:
        file.writelines(model)


def _tensor(name: str, values: NDArray[Any]) -> Message:
    shape: tuple[int, ...] = values.shape
    values = np.ascontiguousarray(values).reshape(shape)  # ascontiguousarray makes a vector of a scalar
    little = values.astype(values.dtype.newbyteorder("<"), copy=False)
    dims: Message = []
    for dimension in shape:
        dims += _number(1, dimension)
    raw = little.reshape(-1).view(np.uint8).data if little.size else b""
    return dims + _number(2, _DTYPES[values.dtype.name]) + _text(8, name) + _nested(9, [raw])


def _value_info(name: str, kind: int, shape: Sequence[int | str]) -> Message:
    dims: Message = []
    for size in shape:
        dims += _nested(1, _text(2, size) if isinstance(size, str) else _number(1, size))
    tensor = _number(1, kind) + _nested(2, dims)
    return _text(1, name) + _nested(2, _nested(1, tensor))


def _attribute(name: str, value: int | Graph) -> Message:
    if isinstance(value, Graph):
        return _text(1, name) + _nested(6, value.message()) + _number(20, _GRAPH_KIND)
    return _text(1, name) + _number(3, value) + _number(20, _INT_KIND)


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _number(field: int, value: int) -> Message:
    return [_key(field, _VARINT) + _varint(value)]


def _text(field: int, value: str) -> Message:
    return _nested(field, [value.encode()])


def _nested(field: int, parts: Message) -> Message:
    return [_key(field, _LENGTH) + _varint(sum(map(len, parts))), *parts]


def _varint(value: int) -> bytes:
    return bytes(_septets(value & 0xFFFF_FFFF_FFFF_FFFF))  # a negative number is its 64-bit two's complement


def _septets(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value
