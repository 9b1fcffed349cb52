"""The ONNX model of a variant: the same architecture, random weights, batch norm folded, static shapes."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """An ONNX graph, node by node; methods take and return names of tensors."""

    def __init__(self, seed=0):
        self.nodes, self.weights = [], []
        self.random = numpy.random.default_rng(seed)

    def name(self):
        return f"t{len(self.nodes)}_{len(self.weights)}"

    def weight(self, shape, scale):
        name = self.name()
        values = (self.random.standard_normal(shape) * scale).astype(numpy.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def constant(self, value):
        name = self.name()
        self.weights.append(numpy_helper.from_array(numpy.float32(value), name))
        return name

    def node(self, kind, *inputs, **attributes):
        output = self.name()
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def convolution(self, x, inputs, outputs, kernel=1, stride=1, groups=1):
        fan_in = inputs // groups * kernel * kernel
        weight = self.weight((outputs, inputs // groups, kernel, kernel), (2 / fan_in) ** 0.5)
        bias = self.weight((outputs,), 0.1)
        return self.node("Conv", x, weight, bias, kernel_shape=[kernel] * 2, strides=[stride] * 2,
                         pads=[kernel // 2] * 4, group=groups)

    def silu(self, x):
        return self.node("Mul", x, self.node("Sigmoid", x))

    def relu6(self, x):
        return self.node("Clip", x, self.constant(0), self.constant(6))

    def gate(self, x, channels, squeezed):
        """Squeeze and excite."""
        y = self.silu(self.convolution(self.node("GlobalAveragePool", x), channels, squeezed))
        return self.node("Mul", x, self.node("Sigmoid", self.convolution(y, squeezed, channels)))


# The activation of a family of architectures, all but the gates'.
ACTIVATIONS = {"efficientnet": Builder.silu, "lite": Builder.relu6}


def build(architecture):
    """The ONNX model of an architecture of these families, as `efficientnet summary --view blocks --json` describes
    it."""
    b = Builder()
    family, _ = architecture["model"].split("-")
    activation = ACTIVATIONS[family]
    height, width, channels = architecture["input_shape"]
    stem, head = architecture["stem"], architecture["head"]
    x = activation(b, b.convolution("image", channels, stem["channels"], stem["kernel"], stem["stride"]))
    for block in architecture["blocks"]:
        inputs, outputs = block["in_channels"], block["out_channels"]
        for index in range(block["repeats"]):
            expanded = block["expanded_channels"][index] or inputs
            shortcut = x
            if expanded != inputs:
                x = activation(b, b.convolution(x, inputs, expanded))
            stride = block["stride"] if index == 0 else 1
            x = activation(b, b.convolution(x, expanded, expanded, block["kernel"], stride, expanded))
            if block["squeeze_excite"]:
                x = b.gate(x, expanded, max(1, int(inputs * block["squeeze_excite"])))
            x = b.convolution(x, expanded, outputs)
            if index > 0:
                x = b.node("Add", x, shortcut)
            inputs = outputs
    x = activation(b, b.convolution(x, inputs, head["channels"]))
    x = b.node("Flatten", b.node("GlobalAveragePool", x))
    classes = architecture["classes"]
    weight = b.weight((classes, head["channels"]), 0.02)
    x = b.node("Gemm", x, weight, b.weight((classes,), 0.1), transB=1)
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        b.nodes, "efficientnet",
        [tensor("image", TensorProto.FLOAT, [1, channels, height, width])],
        [tensor(x, TensorProto.FLOAT, [1, classes])], b.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model
