#!/usr/bin/env python3
"""families.py OUT MODEL...: logits of timm's models of other families.

Writes OUT/MODEL.json, in the format that the README says: the logits of one small odd image alone,
with 100 classes, and the number of parameters with the usual 1000.
Needs tests/frameworks/requirements.txt; tf_efficientnet_l2 takes 5 GB.
"""

import argparse
import json
from pathlib import Path

import timm
import torch

import synthetic
from make_goldens import ODD_IMAGE, fill, float_tensors, network_facts, precise

CLASSES = 100
# A smaller image for networks that would take long in a test.
SMALL_IMAGE = {"seed": 3, "height": 65, "width": 82}
SLOW = ("tf_efficientnet_b8", "tf_efficientnet_l2")


def golden(name):
    image = SMALL_IMAGE if name in SLOW else ODD_IMAGE
    network = timm.create_model(name, num_classes=CLASSES).eval()
    fill(dict(float_tensors(network)))
    pixels = torch.from_numpy(synthetic.image(**image))
    float32 = network(pixels).numpy()[0]
    return {
        **network_facts(name, network, f"timm {timm.__version__}"),
        "classes": CLASSES,
        "parameters": parameters(name),
        "cases": [{"image": image, **precise(network, pixels, float32)}],
    }


def parameters(name):
    """Trainable parameters with 1000 classes; a meta tensor has a shape and no memory."""
    network = timm.create_model(name, device="meta")
    return sum(parameter.numel() for parameter in network.parameters())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for name in arguments.models:
        document = json.dumps(golden(name))
        (arguments.out / f"{name}.json").write_text(f"{document}\n")


if __name__ == "__main__":
    main()
