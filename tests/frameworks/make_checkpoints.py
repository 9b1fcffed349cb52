#!/usr/bin/env python3
"""Writes EfficientNet checkpoints with the frameworks themselves, in every format that people have.

    make_checkpoints.py OUT [--variant b0] [--classes 10] [--only timm,keras_plain]
    make_checkpoints.py OUT --tiny

Beside every checkpoint lie an input and the framework's own logits for it, and `manifest.json` says
what belongs together. With --tiny: the files of this directory's `tiny` and `hostile`. The weights
are random, of fixed seeds. Needs the packages of requirements.txt.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import zlib
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"  # read when keras is imported

import keras
import numpy as np
import torch

import hostile
from formats import F32, KERAS_FORMATS, TORCH_FORMATS, rounded
from networks import (
    TORCH,
    batch_norm_epsilon,
    keras_logits,
    keras_network,
    nchw_image,
    nhwc_image,
    torch_logits,
    torch_network,
)
from variants import VARIANTS

# The committed selection: network, size of its input, formats. Odd sizes where the framework pads them
# as TensorFlow does.
TINY_CLASSES = 7
TINY = {
    "timm": ((33, 47), ["safetensors", "f16.safetensors", "bf16.safetensors", "views.pth"]),
    "timm_tf": ((33, 47), ["pth", "timm_training.pth", "f16.npz"]),
    "torchvision": ((64, 48), ["channels_last.pth", "torchvision_training.pth", "f16.pth"]),
    "lukemelas": ((33, 47), ["module.pth", "legacy.pth", "parameters.pth", "bf16.pth"]),
    "transformers": ((36, 36), ["safetensors", "compressed.npz"]),
    "keras_plain": ((33, 47), ["h5", "weights.h5"]),
    "keras_adapted": ((33, 47), ["keras", "npz"]),
    "keras_imagenet": ((64, 48), ["keras", "h5", "weights.h5", "keras2_weights.h5"]),
}


class Writer:
    """Writes files of one variant into a directory, and says in a manifest what they are."""

    def __init__(self, out, variant, classes):
        self.out, self.variant, self.classes = Path(out), variant, classes
        self.out.mkdir(parents=True, exist_ok=True)
        self.entries = []

    def torch(self, name, size, endings):
        _, flavour, padding = TORCH[name]
        network = torch_network(name, self.variant, self.classes, size, seed(name))
        image = nchw_image(np.random.default_rng(seed("input")), *size)
        state = network.state_dict()
        exact = {key: tensor.clone() for key, tensor in state.items()}
        facts = {
            "flavour": flavour,
            "padding": padding,
            "bn_eps": batch_norm_epsilon(network),
            "keras_rescaling": None,
            "input": self.array(f"input.nchw.{size[0]}x{size[1]}", image),
            "layout": "nchw",
        }
        for ending in endings:
            dtype, write = TORCH_FORMATS[ending]
            network.load_state_dict(rounded(exact, dtype))
            suffix = "" if dtype == F32 else f".{ending.split('.')[0]}"
            logits = self.array(f"{name}{suffix}.logits", torch_logits(network, image))
            write(self.out / f"{name}.{ending}", network, rounded(state, dtype))
            self.entry(name, ending, facts, logits)
        network.load_state_dict(exact)
        return network

    def keras(self, name, size, endings):
        kind = name.removeprefix("keras_")
        # One kind is the second network of its process, as in a notebook: Keras numbers its layers.
        if kind != "adapted":
            keras.utils.clear_session()
        network = keras_network(kind, self.variant, self.classes, size, seed(name))
        image = nhwc_image(np.random.default_rng(seed("input")), *size)
        facts = {
            "flavour": "keras",
            "padding": "same",
            "bn_eps": network.get_layer("stem_bn").epsilon,
            "keras_rescaling": kind == "imagenet",
            "input": self.array(f"input.nhwc.{size[0]}x{size[1]}", image),
            "layout": "nhwc",
        }
        logits = self.array(f"{name}.logits", keras_logits(network, image))
        for ending in endings:
            KERAS_FORMATS[ending](str(self.out / f"{name}.{ending}"), network)
            self.entry(name, ending, facts, logits)

    def array(self, name, values):
        np.save(self.out / f"{name}.npy", values)
        return f"{name}.npy"

    def entry(self, name, ending, facts, logits):
        file = f"{name}.{ending}"
        size = (self.out / file).stat().st_size
        print(f"{size:>12} {file}", flush=True)
        entry = {
            "file": file,
            "flavour": facts["flavour"],
            "format": ending,
            "variant": self.variant.name,
            "classes": self.classes,
            **facts,
            "logits": logits,
        }
        self.entries.append(entry)

    def manifest(self):
        packages = ["torch", "torchvision", "timm", "transformers", "efficientnet_pytorch", "keras"]
        packages += ["h5py", "safetensors", "numpy"]
        made_with = {package: importlib.metadata.version(package) for package in packages}
        made_with["python"] = platform.python_version()
        document = {"made_with": made_with, "files": self.entries}
        path = self.out / "manifest.json"
        path.write_text(json.dumps(document, indent=1) + "\n")


def seed(name):
    return zlib.crc32(name.encode())


def write_tiny(out):
    writer = Writer(out / "tiny", VARIANTS["tiny"], TINY_CLASSES)
    for name, (size, endings) in TINY.items():
        network = (writer.torch if name in TORCH else writer.keras)(name, size, endings)
        if name == "timm":
            timm_network = network
    writer.manifest()
    whole = ["timm_tf.pth", "timm.safetensors", "timm_tf.f16.npz", "keras_plain.h5"]
    whole = [writer.out / file for file in [*whole, "keras_adapted.keras"]]
    hostile.write(out / "hostile", timm_network, whole)


def write_variant(out, variant, classes, names):
    writer = Writer(out, variant, classes)
    size = (variant.resolution, variant.resolution)
    for name in names:
        if name in TORCH:
            writer.torch(name, size, TORCH_FORMATS)
        else:
            writer.keras(name, size, KERAS_FORMATS)
    writer.manifest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--tiny", action="store_true", help="what the repository holds")
    parser.add_argument("--variant", choices=VARIANTS, default="b0")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--only", default=",".join(TINY), help="networks: %(default)s")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.tiny:
        write_tiny(arguments.out)
    else:
        variant = VARIANTS[arguments.variant]
        write_variant(arguments.out, variant, arguments.classes, arguments.only.split(","))


if __name__ == "__main__":
    main()
