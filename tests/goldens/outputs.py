"""Writes outputs_*.json beside this file: pooled features and the maps of timm's `features_only`.

python tests/goldens/outputs.py    (timm 1.0, PyTorch 2)
"""

import json
import math
import pathlib

import numpy as np
import timm
import torch

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
IMAGE = {"seed": 4, "height": 93, "width": 70}
# Of each map, every 13th value in NHWC order: 13 divides no number of channels.
STEP = 13


def uniform(name, count):
    """`count` values in [0, 1): splitmix64 on a stream named after the FNV-1a hash of `name`."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = (seed ^ byte) * 0x100000001B3 % 2**64
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / 2**24


def limits(name, shape):
    """Lowest and highest value of a tensor, as `efficientnet_runtime::synthetic` draws them."""
    parts = name.split(".")
    if parts[-1] in ("running_mean", "bias"):
        return -0.1, 0.1
    if parts[-1] == "running_var":
        return 0.5, 1.5
    if len(shape) == 1:
        last = parts[0] == "blocks" and parts[2] != "0"
        closes = last and parts[3] == ("bn2" if parts[1] == "0" else "bn3")
        return (0.1, 0.3) if closes else (0.9, 1.5)
    limit = math.sqrt((5.2 if len(shape) == 4 else 3.0) / math.prod(shape[1:]))
    return -limit, limit


def load_synthetic(model):
    state = model.state_dict()
    for name, tensor in state.items():
        if name.endswith("num_batches_tracked"):
            continue
        low, high = limits(name, tensor.shape)
        values = low + (high - low) * uniform(name, tensor.numel())
        state[name] = torch.from_numpy(values.astype(np.float32)).reshape(tensor.shape)
    model.load_state_dict(state)
    return model.double().eval()


def image(seed, height, width):
    c, y, x = np.meshgrid(range(3), range(height), range(width), indexing="ij")
    phase = (1 + seed % 3) * y / height + 2 * x / width + c / 3
    noise = uniform(f"image{seed}", 3 * height * width).reshape(3, height, width)
    pixels = np.sin(2 * np.pi * phase) + (2 * noise - 1)
    return torch.from_numpy(pixels.astype(np.float32))[None].double()


def rounded(tensor):
    return [float(f"{value:.7g}") for value in tensor.float().flatten().tolist()]


def golden(name, padding, bn_eps):
    torch.set_grad_enabled(False)
    pixels = image(**IMAGE)
    whole = load_synthetic(timm.create_model(name))
    features = whole.forward_head(whole.forward_features(pixels), pre_logits=True)
    backbone = timm.create_model(name, features_only=True).double().eval()
    # A backbone has no head and no classifier.
    missing, _ = backbone.load_state_dict(whole.state_dict(), strict=False)
    assert not missing, missing
    maps = []
    for info, found in zip(backbone.feature_info.get_dicts(), backbone(pixels), strict=True):
        nhwc = found.permute(0, 2, 3, 1)
        maps.append(
            {
                "name": f"block{int(info['module'].removeprefix('blocks.')) + 1}",
                "stride": info["reduction"],
                "shape": list(nhwc.shape[1:]),
                "every_13th": rounded(nhwc.flatten()[::STEP]),
            }
        )
    return {
        "model": name,
        "padding": padding,
        "bn_eps": bn_eps,
        "made_with": f"timm {timm.__version__}, torch {torch.__version__}, float64",
        "image": IMAGE,
        "backbone_parameters": sum(p.numel() for p in backbone.parameters()),
        "features": rounded(features),
        "maps": maps,
    }


for model in (("efficientnet_b0", "symmetric", 1e-5), ("tf_efficientnet_b0", "same", 1e-3)):
    path = pathlib.Path(__file__).with_name(f"outputs_{model[0]}.json")
    path.write_text(json.dumps(golden(*model)) + "\n")
