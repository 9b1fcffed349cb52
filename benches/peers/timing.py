"""The programs that are compared: each gives the milliseconds of a burst of runs."""

import json
import os
import statistics
import subprocess
import sys
import time

import onnxruntime
import openvino

COMMAND = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "efficientnet")
# Seconds and runs at least that a burst warms up.
WARM_UP, WARM_UPS = 0.1, 2


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


class OnnxRuntime:
    name = "ONNX Runtime"
    version = onnxruntime.__version__

    def __init__(self, path, image, threads, isa, precision):
        assert (isa, precision) == (None, "f32"), "it has no switch"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.feeds = {"image": image}

    def run(self):
        self.session.run(None, self.feeds)


class OpenVino:
    name = "OpenVINO"
    version = openvino.__version__.split("-")[0]

    def __init__(self, path, image, threads, isa, precision):
        settings = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1}
        self.model = openvino.Core().compile_model(str(path), "CPU", settings)
        self.request = self.model.create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(image, shared_memory=True))
        if isa == "avx2":
            self.check_avx2()

    def run(self):
        self.request.infer()

    def check_avx2(self):
        """oneDNN's convolutions keep to the instruction set that the environment names; elementwise kernels of
        OpenVINO's own do not, and stay faster than they would be."""
        nodes = (node.get_rt_info() for node in self.model.get_runtime_model().get_ordered_ops())
        kernels = {str(node["primitiveType"].value) for node in nodes if "primitiveType" in node}
        wider = sorted(kernel for kernel in kernels if "conv" in kernel and "avx512" in kernel)
        if wider:
            sys.exit(f"{self.name} {self.version} was to use AVX2, and uses {', '.join(wider)}")


class Ours:
    """Another process each burst, which warms up by itself."""

    name = "ours"

    def __init__(self, variant, threads, precision):
        self.arguments = ["bench", variant, "--threads", str(threads), "--precision", precision]

    def burst(self, runs):
        """The document of `efficientnet bench`."""
        return efficientnet(*self.arguments, "--runs", str(runs))
