"""Graph: the written layers without work that gives the same each time; every number they give stays what it was.

The export asks the length of a text anew for each change of form, and reads what a layer sees three times: for
queries, keys and values. Here the forms are written down (0 stands for "as it comes in"), the three one product.
A graph that rounds anywhere else gives other vectors: eight bits carry a last digit through twelve layers to a
cosine of .998. That is why `embedding` keeps onnxruntime from drawing the division by `_ROOT` into a product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

_FORMS = "forms.heads", "forms.width"
_ROOT = "forms.root"
READS = ("query", "key", "value")
_FLOAT = onnx.TensorProto.FLOAT


def lean(model: onnx.ModelProto, layers: int, heads: int, width: int) -> onnx.ModelProto:
    """Return the model with fixed forms and one product for what each layer reads.

    Raises:
        onnx.checker.ValidationError: the graph is not of the form that `write_int8` makes.
        StopIteration: as above, a layer has not the parts it should have.
    """
    _fix_forms(model.graph, heads, width)
    for number in range(layers):
        _read_once(model.graph, f"/layers.{number}/", f"layers.{number}.")
    _drop_unused(model.graph)
    onnx.checker.check_model(model)
    return model


def _fix_forms(graph: onnx.GraphProto, heads: int, width: int) -> None:
    made = {output: node for node in graph.node for output in node.output}
    apart, whole = _FORMS
    _keep(graph, apart, np.array([0, 0, heads, width // heads], np.int64))
    _keep(graph, whole, np.array([0, 0, width], np.int64))
    _keep(graph, _ROOT, np.array(math.sqrt(width // heads), np.float32))
    for node in graph.node:
        if node.op_type == "Reshape":
            node.input[1] = whole if made[node.input[0]].op_type == "Transpose" else apart
        elif node.op_type == "Div" and node.input[1] in made and made[node.input[1]].op_type == "Pow":
            node.input[1] = _ROOT


def _read_once(graph: onnx.GraphProto, layer: str, weights: str) -> None:
    """Put one product in the place of three, cut into three where the biases were added."""
    products = [_giving(graph, f"{layer}{part}/MatMul_output_0_output_quantized") for part in READS]
    kept = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    names = [node.input[1].removesuffix("_quantized") for node in products]
    read, weight, zero = products[0].input[0], f"{layer}read.weight", f"{layer}read.zero"
    scale, bias, product = f"{layer}read.scale", f"{layer}read.bias", f"{layer}read"
    _keep(graph, weight, np.concatenate([kept[f"{name}_quantized"] for name in names], axis=1))
    _keep(graph, zero, np.concatenate([np.atleast_1d(kept[f"{name}_zero_point"]) for name in names]))
    _keep(graph, scale, np.concatenate([kept[f"{name}_scale"] for name in names]))
    _keep(graph, bias, np.concatenate([kept[f"{weights}{part}.bias"] for part in READS]))
    scaled = f"{read.removesuffix('_quantized')}_scale"
    cut = [f"{layer}{part}/Add_output_0" for part in READS]
    nodes = [
        helper.make_node("Mul", [scaled, scale], [f"{product}.scaled"]),
        helper.make_node("MatMulInteger", [read, weight, products[0].input[2], zero], [f"{product}.whole"]),
        helper.make_node("Cast", [f"{product}.whole"], [f"{product}.cast"], to=_FLOAT),
        helper.make_node("Mul", [f"{product}.cast", f"{product}.scaled"], [f"{product}.product"]),
        helper.make_node("Add", [bias, f"{product}.product"], [f"{product}.sum"]),
        helper.make_node("Split", [f"{product}.sum"], cut, axis=2),
    ]
    others = [node for node in graph.node if not set(node.output) & set(cut)]
    place = others.index(products[0])
    _put(graph, [*others[:place], *nodes, *others[place:]])


def _drop_unused(graph: onnx.GraphProto) -> None:
    needed = {output.name for output in graph.output}
    nodes = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            nodes.append(node)
            needed |= set(node.input)
    _put(graph, nodes[::-1])
    numbers = [one for one in graph.initializer if one.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(numbers)


def _giving(graph: onnx.GraphProto, output: str) -> onnx.NodeProto:
    return next(node for node in graph.node if output in node.output)


def _keep(graph: onnx.GraphProto, name: str, numbers: npt.NDArray[np.generic]) -> None:
    graph.initializer.append(numpy_helper.from_array(numbers, name))


def _put(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    kept = list(nodes)
    del graph.node[:]
    graph.node.extend(kept)
