"""The weights and images of `efficientnet_runtime::synthetic`: the same numbers, from names alone.

A value is `low + (high - low) * u` in float64, rounded to float32; u comes from splitmix64 at the
value's index, in a stream named after the tensor.
"""

import math

import numpy as np

MASK = 2**64 - 1
INCREMENT = 0x9E3779B97F4A7C15


def fnv1a(text):
    digest = 0xCBF29CE484222325
    for byte in text.encode():
        digest = ((digest ^ byte) * 0x100000001B3) & MASK
    return digest


def uniform(name, count, salt=0):
    """`count` values in [0, 1), multiples of 2^-24."""
    seed = fnv1a(name) ^ (salt * INCREMENT & MASK)
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(INCREMENT) + np.uint64(seed)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(40)).astype(np.float64) * 2.0**-24


def limits(name, shape):
    """Lowest and highest value of a tensor, by its name in timm and its shape in PyTorch."""
    *place, kind = name.split(".")
    if kind in ("bias", "running_mean"):
        return -0.1, 0.1
    if kind == "running_var":
        return 0.5, 1.5
    if len(shape) > 1:
        gain = 3.0 if len(shape) == 2 else 0.5 if adds_undamped(place) else 5.2
        limit = math.sqrt(gain / math.prod(shape[1:]))
        return -limit, limit
    # A batch norm's scale: small at the end of blocks that add their input, which would grow.
    stage, index, norm = place[1:4] if place[0] == "blocks" else ("", "0", "")
    closes_residual = index != "0" and norm == ("bn2" if stage == "0" else "bn3")
    return (0.1, 0.3) if closes_residual else (0.9, 1.5)


def adds_undamped(place):
    """Whether a convolution is that of a fused or plain block: no small scale closes what these add
    to their input, so the convolution itself is small."""
    return place[0] == "blocks" and place[-1] in ("conv_exp", "conv")


def tensor(name, shape, salt=0):
    low, high = limits(name, shape)
    values = low + (high - low) * uniform(name, math.prod(shape), salt)
    return values.astype(np.float32).reshape(shape)


def image(seed, height, width, channels=3):
    """float32 [1, channels, height, width] of about -2 to 2: noise on a slow wave."""
    y = np.arange(height)[:, None] / height
    x = np.arange(width)[None, :] / width
    c = np.arange(channels)[:, None, None] / channels
    wave = np.sin(2 * np.pi * ((1 + seed % 3) * y + 2 * x + c))
    noise = uniform(f"image{seed}", channels * height * width).reshape(channels, height, width)
    return (wave + 2 * noise - 1).astype(np.float32)[None]
