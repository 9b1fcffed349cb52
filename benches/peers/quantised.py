"""The int8 models that the peers read: each made by its own post-training quantisation from one float ONNX model, and
kept beside the libraries, since that takes a while."""

import contextlib
import hashlib
import io
import logging
import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

import numpy

# Before the first import of openvino: without this module neither it nor NNCF reports its use to the vendor.
sys.modules["openvino_telemetry"] = None

MODELS = Path(sys.prefix, "models")
# Images that calibrate, of the distribution of the one that is timed (`image`).
IMAGES = 8


def image(shape, seed):
    """[1, C, H, W]: pixels of the standard normal distribution."""
    return numpy.random.default_rng(seed).standard_normal(shape).astype(numpy.float32)


def with_onnx_runtime(path, shape, directory):
    """Quantize and dequantize nodes around every operator, weights i8 a channel, activations u8: what ONNX Runtime
    fuses into int8 kernels altogether on x86. With i8 activations it leaves depthwise convolutions and additions in
    f32, with symmetric ones the activation functions too."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(CalibrationDataReader):
        def __init__(self):
            self.feeds = ({"image": image(shape, 2 + number)} for number in range(IMAGES))

        def get_next(self):
            return next(self.feeds, None)

    prepared, quantised = directory / "prepared.onnx", directory / "model.onnx"
    # Its symbolic shape inference needs another library, and our shapes are static.
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    quantize_static(prepared, quantised, Images(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    prepared.unlink()
    return quantised


def with_nncf(path, shape, directory):
    """Preset `performance`, all symmetric: the faster of the two with and without AMX. `convert_model` matters:
    of a model that `read_model` read, depthwise convolutions stay in f32."""
    import nncf
    import openvino

    images = nncf.Dataset([image(shape, 2 + number) for number in range(IMAGES)])
    model = nncf.quantize(openvino.convert_model(path), images, preset=nncf.QuantizationPreset.PERFORMANCE,
                          target_device=nncf.TargetDevice.CPU, subset_size=IMAGES)
    quantised = directory / "model.xml"
    openvino.save_model(model, quantised, compress_to_fp16=False)
    return quantised


# How the model of a peer is made, and the packages that make it.
QUANTISERS = {
    "ONNX Runtime": (with_onnx_runtime, ["onnxruntime"]),
    "OpenVINO": (with_nncf, ["openvino", "nncf"]),
}


def model(peer, variant, path, shape):
    """The file of a peer's int8 model, made now unless it was before: from this float model, by these versions and
    by this file."""
    quantise, packages = QUANTISERS[peer]
    versions = "-".join(f"{package}-{metadata.version(package)}" for package in packages)
    digest = hashlib.sha256(path.read_bytes() + Path(__file__).read_bytes()).hexdigest()[:12]
    kept = MODELS / f"{variant}-{versions}-{digest}"
    if not kept.exists():
        MODELS.mkdir(exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f"{kept.name}.", suffix=".partial", dir=MODELS))
        try:
            with quiet():
                quantise(path, shape, partial)
            os.rename(partial, kept)
        except BaseException:
            shutil.rmtree(partial)
            raise
    return next(file for file in kept.iterdir() if file.suffix in (".onnx", ".xml"))


@contextlib.contextmanager
def quiet():
    """Without progress bars and advice amid the table."""
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
