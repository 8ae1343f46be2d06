"""From a LASER checkpoint to a network for ONNX Runtime: once, when the model is installed.

    tokens (T, B) int32, lengths (B) int64  ->  sentence vectors (B, dim) float32, not scaled to length 1

Rows of one batch may differ in length; they are padded at the end with `padding_idx`. As in the original
(laser_encoders 0.0.2, models.py, `LaserLstmEncoder.forward`) a bidirectional LSTM runs over the true length of every
row, and the vector is the maximum over all positions whose token is not `padding_idx`.

The recurrence is an ONNX Scan over plain operators, not the operator LSTM, for one reason: the 8-bit form of the latter
(DynamicQuantizeLSTM) takes one scale for a whole batch, so that a sentence gets another vector in other company. Here
every row has a scale of its own, every sum of products is one of integers, and nothing else mixes rows: the vector of a
sentence is the same to the last bit in any batch. It is also the faster one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from align.encoders.laser.checkpoint import Checkpoint
from align.encoders.laser.onnx_file import FLOAT, INT32, INT64, UINT8, Graph, write_model
from align.errors import OptionError
from align.files import whole_file

PRECISIONS = ("int8", "fp32")
"""What a network can be converted to."""

_PRODUCER = "align-vi-en"
_GATES = [0, 1, 3, 2]
"""torch's order is i, f, g, o; with g last one sigmoid serves the other three."""

_ZERO = 64
_LARGEST_INPUT, _LARGEST_WEIGHT = 63, 127
"""Inputs of 8-bit products have 7 bits, as unsigned numbers around 64. Processors with AVX2 but without VNNI add two
products of an unsigned and a signed byte in 16 bits, which saturate at 32,767: 2 * 127 * 127 fits, 2 * 255 * 127 does
not (ONNX Runtime documentation, Quantize ONNX Models, "When and why do I need to try U8U8?")."""

_SMALLEST_SCALE = 1e-12
_ROWS = 4096
"""Rows of the embedding table that are rounded at once; bounds memory."""

Rows = tuple[str, ...]
"""Names of the values that hold an input of matrix products."""


def convert(checkpoint: Checkpoint, output: Path, precision: str) -> None:
    """Write the network of a checkpoint as one ONNX file; equal checkpoints give equal bytes.

    "fp32" keeps the weights as they are. "int8" rounds every column of a weight matrix and every row of the embedding
    table to integers with a scale of their own; the biases, gates and states stay float32. The file has a quarter of
    the size: 45 MB instead of 178 MB for LASER2, for which reading and converting takes less than 0.4 GB of memory.

        convert(read_checkpoint("laser2.pt"), Path("network-int8.onnx"), "int8")

    Raises:
        OptionError: `precision` is neither.
        OutputError: the file could not be written.
    """
    if precision not in PRECISIONS:
        raise OptionError("precision", precision, ", ".join(PRECISIONS))
    graph = _network(checkpoint, _Int8() if precision == "int8" else _Float32())
    with whole_file(output) as partial:
        write_model(partial, graph, _PRODUCER)


class _Arithmetic(Protocol):
    """How inputs and weights of matrix products are held."""

    def embed(self, graph: Graph, table: NDArray[np.float32], tokens: str) -> Rows:
        """Look up the embeddings of tokens."""

    def rows(self, graph: Graph, values: str) -> Rows:
        """Make inputs out of float32 values (..., inputs)."""

    def product(self, graph: Graph, rows: Rows, weights: NDArray[np.float32]) -> str:
        """Multiply by `weights` (inputs, outputs); return float32 (..., outputs)."""


class _Float32:
    def embed(self, graph: Graph, table: NDArray[np.float32], tokens: str) -> Rows:
        return (graph.add("Gather", graph.constant(table), tokens),)

    def rows(self, graph: Graph, values: str) -> Rows:
        return (values,)

    def product(self, graph: Graph, rows: Rows, weights: NDArray[np.float32]) -> str:
        return graph.add("MatMul", *rows, graph.constant(weights))


class _Int8:
    """`rows` are 7-bit numbers around 64 and, for every row, the step between two of them."""

    def embed(self, graph: Graph, table: NDArray[np.float32], tokens: str) -> Rows:
        numbers, steps = _rounded_rows(table)
        return graph.add("Gather", graph.constant(numbers), tokens), graph.add("Gather", graph.constant(steps), tokens)

    def rows(self, graph: Graph, values: str) -> Rows:
        axis = graph.constant(np.array([-1], np.int64))
        largest = graph.add("ReduceMax", graph.add("Abs", values), axis, keepdims=1)
        step = graph.add("Mul", largest, _scalar(graph, 1 / _LARGEST_INPUT))
        step = graph.add("Max", step, _scalar(graph, _SMALLEST_SCALE))
        numbers = graph.add("Round", graph.add("Div", values, step))
        return graph.add("Cast", graph.add("Add", numbers, _scalar(graph, _ZERO)), to=UINT8), step

    def product(self, graph: Graph, rows: Rows, weights: NDArray[np.float32]) -> str:
        steps = _steps(weights, 0, _LARGEST_WEIGHT)
        numbers = np.rint(weights / steps).astype(np.int8)
        zero = graph.constant(np.array(_ZERO, np.uint8))
        sums = graph.add("MatMulInteger", rows[0], graph.constant(numbers), zero)
        scaled = graph.add("Mul", graph.add("Cast", sums, to=FLOAT), graph.constant(steps[0]))
        return graph.add("Mul", scaled, rows[1])


def _rounded_rows(table: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the table as unsigned numbers around 64, and float32 (rows, 1), the step of every row."""
    steps = _steps(table, 1, _LARGEST_INPUT)
    numbers = np.empty(table.shape, np.uint8)
    for start in range(0, len(table), _ROWS):
        part = slice(start, start + _ROWS)
        numbers[part] = np.rint(table[part] / steps[part]) + _ZERO
    return numbers, steps


def _steps(values: NDArray[np.float32], axis: int, largest: int) -> NDArray[np.float32]:
    """Return the step that makes the largest absolute value along `axis` the integer `largest`, that axis kept."""
    extent = np.maximum(values.max(axis=axis, keepdims=True), -values.min(axis=axis, keepdims=True))
    steps: NDArray[np.float32] = np.maximum(extent / np.float32(largest), np.float32(_SMALLEST_SCALE))
    return steps


def _network(checkpoint: Checkpoint, arithmetic: _Arithmetic) -> Graph:
    graph = Graph("laser")
    tokens, lengths = graph.input("tokens", INT32, ["T", "B"]), graph.input("lengths", INT64, ["B"])
    start = _zeros(graph, tokens, checkpoint.params["hidden_size"])
    rows = arithmetic.embed(graph, checkpoint.tensors["embed_tokens.weight"], tokens)
    values = _layer(graph, checkpoint, arithmetic, 0, rows, lengths, start)
    for layer in range(1, checkpoint.params["num_layers"]):
        values = _layer(graph, checkpoint, arithmetic, layer, arithmetic.rows(graph, values), lengths, start)
    _pool(graph, tokens, values, checkpoint)
    return graph


def _zeros(graph: Graph, tokens: str, hidden: int) -> str:
    """Return the state before the first token, float32 (B, hidden)."""
    batch = graph.add("Gather", graph.add("Shape", tokens), graph.constant(np.array([1], np.int64)))
    shape = graph.add("Concat", batch, graph.constant(np.array([hidden], np.int64)), axis=0)
    return graph.add("Expand", _scalar(graph, 0), shape)


def _layer(
    graph: Graph, checkpoint: Checkpoint, arithmetic: _Arithmetic, layer: int, rows: Rows, lengths: str, start: str
) -> str:
    """Add one layer; return its states, float32 (T, B, dim), forward ones first."""
    states = []
    for direction in checkpoint.directions:

        def tensor(name: str, suffix: str = f"l{layer}{direction}") -> NDArray[np.float32]:
            return _in_order(checkpoint.tensors[f"lstm.{name}_{suffix}"])

        inputs = arithmetic.product(graph, rows, np.ascontiguousarray(tensor("weight_ih").T))
        inputs = graph.add("Add", inputs, graph.constant(tensor("bias_ih") + tensor("bias_hh")))
        # Padding stays at the end of a reversed row, where it comes after all that counts.
        inputs = _reverse(graph, inputs, lengths) if direction else inputs
        body = _cell(f"step{layer}{direction}", arithmetic, np.ascontiguousarray(tensor("weight_hh").T))
        found = graph.add_many("Scan", start, start, inputs, outputs=3, body=body, num_scan_inputs=1)[2]
        states.append(_reverse(graph, found, lengths) if direction else found)
    return graph.add("Concat", *states, axis=2) if len(states) > 1 else states[0]


def _cell(name: str, arithmetic: _Arithmetic, recurrent: NDArray[np.float32]) -> Graph:
    """Return one step of the recurrence: (hidden, cell, projected input) -> (hidden, cell, hidden).

    i, f, o = sigmoid, g = tanh of the gates; cell = f * cell + i * g; hidden = o * tanh(cell) (torch.nn.LSTM).
    """
    size = len(recurrent)
    body = Graph(name)
    hidden, cell = body.input(f"{name}_hidden", FLOAT, ["B", size]), body.input(f"{name}_cell", FLOAT, ["B", size])
    inputs = body.input(f"{name}_inputs", FLOAT, ["B", 4 * size])
    gates = body.add("Add", arithmetic.product(body, arithmetic.rows(body, hidden), recurrent), inputs)
    three, last = body.add_many("Split", gates, body.constant(np.array([3 * size, size], np.int64)), outputs=2, axis=1)
    each = body.constant(np.array([size] * 3, np.int64))
    take, keep, show = body.add_many("Split", body.add("Sigmoid", three), each, outputs=3, axis=1)
    cell = body.add("Add", body.add("Mul", keep, cell), body.add("Mul", take, body.add("Tanh", last)))
    hidden = body.add("Mul", show, body.add("Tanh", cell))
    for value in (hidden, cell, body.add("Identity", hidden)):
        body.output(value, FLOAT, ["B", size])
    return body


def _pool(graph: Graph, tokens: str, states: str, checkpoint: Checkpoint) -> None:
    """Take the maximum over the positions that hold no padding, told by the token as in the original."""
    padding = graph.constant(np.array(checkpoint.params["padding_idx"], np.int32))
    is_padding = graph.add("Equal", tokens, padding)
    mask = graph.add("Unsqueeze", is_padding, graph.constant(np.array([2], np.int64)))
    masked = graph.add("Where", mask, _scalar(graph, -np.inf), states)
    vectors = graph.add("ReduceMax", masked, graph.constant(np.array([0], np.int64)), keepdims=0)
    graph.output(vectors, FLOAT, ["B", checkpoint.dim])


def _reverse(graph: Graph, values: str, lengths: str) -> str:
    return graph.add("ReverseSequence", values, lengths, time_axis=0, batch_axis=1)


def _in_order(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return weights or biases of the four gates, (4 hidden, ...), in the order of this network."""
    return values.reshape(4, -1, *values.shape[1:])[_GATES].reshape(values.shape)


def _scalar(graph: Graph, value: float) -> str:
    return graph.constant(np.array(value, np.float32))
