"""Names and shapes of the tensors of B0 to B7 as each library writes them, one line a network: how many,
and the 64-bit FNV-1a hash of the sorted lines `name<tab>[shape]`, without batch norms' counters and Keras's
normalization. What the hashes are of is in the tables of B0, which this script prints with `--table NAME`.

    pip install torch torchvision timm transformers efficientnet_pytorch keras h5py
    python make.py > digests.tsv
"""

import os
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "torch"

import efficientnet_pytorch
import h5py
import keras
import timm
import torch
import torchvision
import transformers

# Width, depth and channels of the head.
VARIANTS = {
    "b0": (1.0, 1.0, 1280),
    "b1": (1.0, 1.1, 1280),
    "b2": (1.1, 1.2, 1408),
    "b3": (1.2, 1.4, 1536),
    "b4": (1.4, 1.8, 1792),
    "b5": (1.6, 2.2, 2048),
    "b6": (1.8, 2.6, 2304),
    "b7": (2.0, 3.1, 2560),
}


def state(network):
    return [(name, list(tensor.shape)) for name, tensor in network.state_dict().items()]


def timm_tensors(variant):
    return state(timm.create_model(f"efficientnet_{variant}"))


def torchvision_tensors(variant):
    return state(getattr(torchvision.models, f"efficientnet_{variant}")())


def lukemelas_tensors(variant):
    return state(efficientnet_pytorch.EfficientNet.from_name(f"efficientnet-{variant}"))


def transformers_tensors(variant):
    width, depth, head = VARIANTS[variant]
    config = transformers.EfficientNetConfig(
        width_coefficient=width, depth_coefficient=depth, hidden_dim=head, num_labels=1000
    )
    return state(transformers.EfficientNetForImageClassification(config))


def keras_network(variant):
    keras.backend.clear_session()
    return getattr(keras.applications, f"EfficientNet{variant.upper()}")(weights=None)


def keras_tensors(variant):
    return [(weight.path, list(weight.shape)) for weight in keras_network(variant).weights]


def keras_file(variant, extension, save):
    network = keras_network(variant)
    found = []

    def visit(path, item):
        if isinstance(item, h5py.Dataset):
            found.append((path, list(item.shape)))

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"network{extension}")
        save(network, path)
        with h5py.File(path) as file:
            file.visititems(visit)
    return found


def keras_h5_tensors(variant):
    return keras_file(variant, ".h5", lambda network, path: network.save(path))


def keras_weights_h5_tensors(variant):
    return keras_file(variant, ".weights.h5", lambda network, path: network.save_weights(path))


LIBRARIES = {
    "timm": timm_tensors,
    "torchvision": torchvision_tensors,
    "lukemelas": lukemelas_tensors,
    "transformers": transformers_tensors,
    "keras": keras_tensors,
    "keras.h5": keras_h5_tensors,
    "keras.weights.h5": keras_weights_h5_tensors,
}


def line(name, shape):
    return f"{name}\t[{', '.join(map(str, shape))}]\n"


def is_weight(name):
    groups = name.split("/")
    normalization = any(group in ("normalization", "normalization_1") for group in groups)
    return not normalization and not name.endswith("num_batches_tracked")


def fnv1a64(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def main():
    if sys.argv[1:2] == ["--table"]:
        print("".join(line(*tensor) for tensor in LIBRARIES[sys.argv[2]]("b0")), end="")
        return
    print("library\tvariant\ttensors\thash")
    for library, tensors in LIBRARIES.items():
        for variant in VARIANTS:
            # PyTorch's networks are made without values.
            with torch.device("meta" if not library.startswith("keras") else "cpu"):
                found = tensors(variant)
            lines = sorted(line(*tensor) for tensor in found if is_weight(tensor[0]))
            print(f"{library}\t{variant}\t{len(lines)}\t{fnv1a64(''.join(lines)):016x}", flush=True)


main()
