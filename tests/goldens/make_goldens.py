#!/usr/bin/env python3
"""make_goldens.py OUT MODEL...: reference outputs of timm's or torchvision's models.

MODEL is a name of timm, or one of torchvision after `torchvision_`. Writes OUT/MODEL.json, in the
format that the README says, for the model's own resolution and a small odd image.
Needs tests/frameworks/requirements.txt; with --native-only the small image is left out.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

import synthetic

RESOLUTIONS = [224, 240, 260, 300, 380, 456, 528, 600]
ODD_IMAGE = {"seed": 3, "height": 97, "width": 130}


class Timm:
    """A model of timm, and its tensors under timm's names."""

    library = f"timm {timm.__version__}"

    def __init__(self, name):
        self.network = timm.create_model(name).eval()
        self.tensors = dict(float_tensors(self.network))
        blocks = [
            (f"blocks.{stage}.{index}", block)
            for stage, blocks in enumerate(self.network.blocks)
            for index, block in enumerate(blocks)
        ]
        self.taps = [("stem", self.network.bn1), *blocks, ("head", self.network.bn2)]


class Torchvision:
    """A model of torchvision. Its tensors come in the order of timm's, under whose names they are."""

    library = f"torchvision {torchvision.__version__}"

    def __init__(self, name):
        name = name.removeprefix("torchvision_")
        self.network = getattr(torchvision.models, name)().eval()
        named = zip(float_tensors(timm.create_model(name)), float_tensors(self.network), strict=True)
        self.tensors = {timm_name: tensor for (timm_name, _), (_, tensor) in named}
        stem, *stages, head = self.network.features
        blocks = [
            (f"blocks.{stage}.{index}", block)
            for stage, blocks in enumerate(stages)
            for index, block in enumerate(blocks)
        ]
        self.taps = [("stem", stem), *blocks, ("head", head)]


def float_tensors(network):
    """Names and tensors, without the batch norms' counters."""
    return [(n, t) for n, t in network.state_dict().items() if t.is_floating_point()]


def fill(tensors):
    """Gives tensors their synthetic values, which follow from timm's names."""
    for name, tensor in tensors.items():
        tensor.copy_(torch.from_numpy(synthetic.tensor(name, tuple(tensor.shape))))


def network_facts(name, network, library):
    """What a reader has to know of a network besides its tensors."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    (epsilon,) = {norm.eps for norm in norms}
    return {
        "model": name,
        "salt": 0,
        "bn_eps": epsilon,
        "padding": "same" if name.startswith("tf_") else "symmetric",
        "made_with": f"{library}, torch {torch.__version__}, float32, on a CPU",
    }


def golden(name, small):
    model = (Torchvision if name.startswith("torchvision_") else Timm)(name)
    fill(model.tensors)
    facts = network_facts(name, model.network, model.library)
    resolution = RESOLUTIONS[int(name[-1])]
    images = [{"seed": 1, "height": resolution, "width": resolution}, ODD_IMAGE][: 1 + small]
    cases = [case(model, image) for image in images]
    shapes = [[n, list(tensor.shape)] for n, tensor in model.tensors.items()]
    return facts, cases, shapes


def case(model, image):
    pixels = torch.from_numpy(synthetic.image(**image))
    taps, hooks = [], []
    for at, module in model.taps:
        hook = module.register_forward_hook(lambda _, __, out, at=at: taps.append(tap(at, out)))
        hooks.append(hook)
    float32 = model.network(pixels).numpy()[0]
    for hook in hooks:
        hook.remove()
    return {"image": image, **precise(model.network, pixels, float32), "taps": taps}


def precise(network, pixels, float32):
    """The logits in float64, rounded once, and how far those of a float32 run are from them."""
    float64 = network.double()(pixels.double()).numpy()[0]
    network.float()  # exact: every weight was a float32
    return {
        "float32_error": float(np.abs(float32 - float64).max()),
        "logits": [shortest(value) for value in float64.astype(np.float32)],
    }


def tap(at, feature_map):
    return {
        "at": at,
        "shape": list(feature_map.shape),
        "mean": float(feature_map.double().mean()),
        "mean_abs": float(feature_map.double().abs().mean()),
        "last4": [shortest(value) for value in feature_map.flatten()[-4:].numpy()],
    }


def shortest(value):
    """The number with the fewest digits that is this float32."""
    return float(str(value))


def text(facts, cases, shapes):
    """JSON with a line for each case and one for the tensors."""
    lines = ",\n".join(json.dumps(case) for case in cases)
    return f'{json.dumps(facts)[:-1]}, "cases": [\n{lines}],\n"tensors": {json.dumps(shapes)}}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--native-only", action="store_true", help="no small image")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    for name in arguments.models:
        document = text(*golden(name, not arguments.native_only))
        (arguments.out / f"{name}.json").write_text(document)


if __name__ == "__main__":
    main()
