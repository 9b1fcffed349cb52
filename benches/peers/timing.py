"""The programs that are compared: each gives the milliseconds of a burst of runs."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import onnx
import onnxruntime
import openvino

COMMAND = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "efficientnet")
# Seconds and runs at least that a burst warms up.
WARM_UP, WARM_UPS = 0.1, 2
# What the names of oneDNN's kernels contain beyond an instruction set.
WIDER = {"avx2": "avx512", "vnni": "amx"}


def efficientnet(*arguments):
    """The JSON document that our command prints."""
    command = [COMMAND, *arguments, "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def burst(run, runs):
    """Median of `runs` calls in milliseconds, after some that warm up."""
    begin, warm_ups = time.perf_counter(), 0
    while warm_ups < WARM_UPS or time.perf_counter() - begin < WARM_UP:
        run()
        warm_ups += 1
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times)


def check_int8(peer, layers):
    """`layers`: the precision of each convolution and dense layer of a peer."""
    wider = sorted({layer for layer in layers if layer not in ("i8", "u8")})
    if wider or not layers:
        sys.exit(f"{peer.name} {peer.version} was to compute all layers in int8, and computes {wider or 'none'}")


class OnnxRuntime:
    name = "ONNX Runtime"
    version = onnxruntime.__version__

    def __init__(self, path, image, threads, isa, precision):
        assert (isa, precision) in [(None, "f32"), (None, "int8"), ("vnni", "int8")], "it has no switch"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.feeds = {"image": image}
        if precision == "int8":
            check_int8(self, self.layers(path))

    def run(self):
        self.session.run(None, self.feeds)

    def layers(self, path):
        """A precision a layer, by the operators that are left of the model's after optimisation."""
        kinds = {"QLinearConv": "u8", "QGemm": "u8", "Conv": "f32", "FusedConv": "f32", "Gemm": "f32"}
        with tempfile.TemporaryDirectory() as directory:
            options = onnxruntime.SessionOptions()
            options.optimized_model_filepath = os.path.join(directory, "optimised.onnx")
            # It warns that the file is for this processor alone.
            options.log_severity_level = 3
            onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            nodes = onnx.load(options.optimized_model_filepath).graph.node
        return [kinds[node.op_type] for node in nodes if node.op_type in kinds]


class OpenVino:
    name = "OpenVINO"
    version = openvino.__version__.split("-")[0]

    def __init__(self, path, image, threads, isa, precision):
        # The model says what is int8; the hint is for the rest.
        hint = "f32" if precision == "int8" else precision
        settings = {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        self.model = openvino.Core().compile_model(str(path), "CPU", settings)
        self.request = self.model.create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(image, shared_memory=True))
        if isa:
            self.check_isa(isa)
        if precision == "int8":
            check_int8(self, self.layers())

    def run(self):
        self.request.infer()

    def nodes(self):
        """What is computed and how, a dictionary a node."""
        nodes = (node.get_rt_info() for node in self.model.get_runtime_model().get_ordered_ops())
        return [{key: str(info.value) for key, info in node.items()} for node in nodes]

    def layers(self):
        """A precision a layer."""
        return [node["runtimePrecision"] for node in self.nodes()
                if node["layerType"] in ("Convolution", "FullyConnected", "MatMul")]

    def check_isa(self, isa):
        """oneDNN's convolutions keep to the instruction set that the environment names; elementwise kernels of
        OpenVINO's own do not, and stay faster than they would be."""
        kernels = {node["primitiveType"] for node in self.nodes() if "primitiveType" in node}
        wider = sorted(kernel for kernel in kernels if "conv" in kernel and WIDER[isa] in kernel)
        if wider:
            sys.exit(f"{self.name} {self.version} was to use {isa.upper()}, and uses {', '.join(wider)}")


class Ours:
    """Another process each burst, which warms up by itself."""

    name = "ours"

    def __init__(self, variant, threads, precision):
        self.arguments = ["bench", variant, "--threads", str(threads), "--precision", precision]

    def burst(self, runs):
        """The document of `efficientnet bench`."""
        return efficientnet(*self.arguments, "--runs", str(runs))
