#!/usr/bin/env python3
"""Writes the files of this directory: one set of odd tensors as every writer of PyTorch and NumPy
lays it out, and as safetensors, whose own reader says what is right."""

import collections
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent

torch.manual_seed(0)
base = torch.randn(4, 5, 6)
image = torch.randn(2, 3, 2, 2)
tensors = collections.OrderedDict(
    base=base,
    tied=base,
    transposed=base.transpose(0, 2),
    part=base[1:3, 2:, 1:],
    every_second=torch.arange(9.0)[::2],
    channels_last=image.contiguous(memory_format=torch.channels_last),
    depthwise=torch.randn(8, 1, 1, 3).contiguous(memory_format=torch.channels_last),
    scalar=torch.tensor(3.5),
    empty=torch.zeros(0, 3).t(),
    parameter=torch.nn.Parameter(torch.randn(2, 2)),
    float64=torch.randn(3).double(),
    float16=torch.randn(3).half(),
    int64=torch.arange(3),
    int32=torch.arange(-2, 2, dtype=torch.int32),
    int16=torch.arange(-2, 2, dtype=torch.int16),
    int8=torch.arange(-2, 2, dtype=torch.int8),
    uint8=torch.arange(4, dtype=torch.uint8),
    bool=torch.tensor([True, False]),
)
arrays = {name: tensor.detach().numpy() for name, tensor in tensors.items()}
swapped = {name: array.astype(array.dtype.newbyteorder(">")) for name, array in arrays.items()}
wrapped = {"epoch": 3, "model": {f"module.{name}": tensor for name, tensor in tensors.items()}}

contiguous = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
save_file(contiguous, HERE / "odd.safetensors")
torch.save(tensors, HERE / "odd.pth")
torch.save(wrapped, HERE / "odd.protocol5.pth", pickle_protocol=5)
torch.save(tensors, HERE / "odd.legacy.pth", _use_new_zipfile_serialization=False)
np.savez(HERE / "odd.npz", **arrays)
np.savez_compressed(HERE / "odd.big_endian.npz", **swapped)
