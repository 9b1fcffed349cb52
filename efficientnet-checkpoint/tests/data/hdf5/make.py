#!/usr/bin/env python3
"""Writes the files of this directory with h5py: the same arrays in the layouts that are read
(`numbers.*.h5`, and `numbers.npz` to compare with), and files that are refused (`refused.*.h5`)."""

from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
generator = np.random.default_rng(0)


def numbers(shape, dtype="f4"):
    values = generator.uniform(-100, 100, shape)
    return values.astype(dtype)


CHUNKED = {
    "stored": {"chunks": (3, 2, 4)},
    "deflated": {"chunks": (2, 5, 3), "compression": "gzip"},
    "shuffled": {"chunks": (4, 4, 4), "compression": "gzip", "shuffle": True},
    "one": {"chunks": (5, 5, 7), "compression": "gzip", "compression_opts": 9},
}
arrays = {
    "floats/f16": numbers((2, 3), "f2"),
    "floats/f32": numbers((4, 1, 3)),
    "floats/f64": numbers(5, "f8"),
    "floats/big": numbers((2, 2), ">f4"),
    "floats/scalar": numbers(()),
    "integers/none": numbers((0, 3)),
    "integers/bool": np.array([True, False, True]),
    **{f"integers/{t}": numbers(3, t) for t in ["i1", "i2", "i4", "i8", ">i2"]},
    **{f"unsigned/{t}": abs(numbers(3, t)) for t in ["u1", "u2", "u4", "u8"]},
    **{f"chunked/{name}": numbers((5, 5, 7)) for name in CHUNKED},
    "unsigned/compact": numbers(3),
    "layers/dense/vars/0": numbers((2, 2)),
}


def write_compact(file, name, values):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_layout(h5py.h5d.COMPACT)
    space, kind = h5py.h5s.create_simple(values.shape), h5py.h5t.py_create(values.dtype)
    dataset = h5py.h5d.create(file.id, name.encode(), kind, space, properties)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, values)


def write_numbers(path, **options):
    with h5py.File(HERE / path, "w", **options) as file:
        for name, values in arrays.items():
            if name == "unsigned/compact":
                write_compact(file, name, values)
            elif name.startswith("chunked/"):
                file.create_dataset(name, data=values, **CHUNKED[name.split("/")[1]])
            else:
                file.create_dataset(name, data=values)
        # What is no weight.
        file["optimizer/vars/0"] = numbers(3)
        file["_layer_checkpoint_dependencies/dense/vars/0"] = numbers((2, 2))
        file["floats/text"] = "no tensor"
        file["links/nothing"] = h5py.Empty("f4")
        file["links/soft"] = h5py.SoftLink("/floats/f32")
        file["links/elsewhere"] = h5py.ExternalLink("other.h5", "/floats/f32")
        file.attrs["backend"] = "torch"
        file.attrs["model_config"] = '{"class_name": "Sequential", "config": {"layers": []}}'


write_numbers("numbers.h5")
write_numbers("numbers.v108.h5", libver=("v108", "v108"))
np.savez(HERE / "numbers.npz", **arrays)

# Trees of more than one node: 90 chunks, 300 names of one dataset.
with h5py.File(HERE / "many.h5", "w") as file:
    file.create_dataset("chunks", data=np.arange(90, dtype="f4"), chunks=(1,))
    file["links/0"] = np.float32(7)
    for index in range(1, 300):
        file[f"links/{index}"] = file["links/0"]

# bfloat16 as Keras writes it and as HDF5 2.0 has it.
with h5py.File(HERE / "bfloat16.h5", "w") as file:
    values = np.array([0x3F80, 0xC000], "<u2")
    file.create_dataset("keras", data=values.view("V2")).attrs["dtype"] = "bfloat16"
    kind = h5py.h5t.IEEE_F16LE.copy()
    kind.set_fields(15, 7, 8, 0, 7)
    kind.set_ebias(127)
    space = h5py.h5s.create_simple((2,))
    native = h5py.h5d.create(file.id, b"native", kind, space)
    native.write(h5py.h5s.ALL, h5py.h5s.ALL, values.view("V2"), mtype=kind)
    file.attrs["model_config"] = np.bytes_('{"class_name": "Sequential", "config": []}')


def refused(name, write, **options):
    with h5py.File(HERE / f"refused.{name}.h5", "w", **options) as file:
        write(file)


def circle(file):
    file["group/a"] = np.float32(1)
    file["group/root"] = file["/"]


def typed(dtype):
    return lambda file: file.create_dataset("x", data=np.zeros(2, dtype))


def filtered(**options):
    return lambda file: file.create_dataset("x", data=np.arange(4, dtype="f4"), **options)


def dense(file):
    for index in range(9):
        file[f"x{index}"] = np.float32(1)


def virtual(file):
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (2,))
    file.create_virtual_dataset("x", layout)


def external(file):
    file.create_dataset("x", (2,), "f4", external=[("other.bin", 0, 8)])


def bomb(file):
    zeros = np.zeros((4300, 1000), "f4")
    file.create_dataset("x", data=zeros, chunks=zeros.shape, compression="gzip", compression_opts=9)


def missing(file):
    file.create_dataset("x", (4,), "f4", chunks=(2,))[:2] = 1


refused("circle", circle)
refused("dense", dense, libver="latest")
refused("index", filtered(chunks=(2,), maxshape=(None,)), libver="latest")
refused("lzf", filtered(compression="lzf"))
refused("fletcher32", filtered(fletcher32=True))
refused("compound", typed([("a", "f4"), ("b", "i4")]))
refused("opaque", typed("V2"))
refused("f128", typed("longdouble"))
refused("virtual", virtual)
refused("external", external)
refused("bomb", bomb)
refused("missing", missing)
refused("empty", lambda file: file.create_group("model_weights"))
