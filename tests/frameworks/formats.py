"""Everything that people call a checkpoint: `TORCH_FORMATS` and `KERAS_FORMATS`.

A format of PyTorch is a file name's ending, the type that the weights are rounded to, and a function
`write(path, network, state)`; one of Keras an ending and a function `write(path, network)`.
"""

import argparse
import collections
import functools

import h5py
import keras
import numpy as np
import torch
from keras.src.legacy.saving import legacy_h5_format
from safetensors.torch import save_file


# PyTorch -------------------------------------------------------------------------------------------


def rounded(state, dtype):
    """A state dictionary with its floats in another type."""
    cast = {name: t.to(dtype) if t.is_floating_point() else t for name, t in state.items()}
    return collections.OrderedDict(cast)


def safetensors(path, network, state):
    save_file(state, path, metadata={"format": "pt"})


def plain(path, network, state):
    torch.save(state, path)


def legacy_pickle(path, network, state):
    """What torch.save wrote before version 1.6: pickles and storages one after the other, no zip."""
    torch.save(state, path, _use_new_zipfile_serialization=False)


def data_parallel(path, network, state):
    """The usual training script: DataParallel puts `module.` before every name."""
    prefixed = {f"module.{name}": tensor for name, tensor in state.items()}
    torch.save({"epoch": 3, "state_dict": prefixed, "best_acc1": torch.tensor(71.5)}, path)


def under_model(path, network, state):
    torch.save({"model": state}, path)


def parameters(path, network, state):
    """Parameters as they are in the network, not the plain tensors of its state dictionary."""
    named = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    torch.save({name: named[name] for name in state}, path)


def channels_last(path, network, state):
    """Convolutions in NHWC memory order: the strides of the tensors are not those of their shapes."""
    network.to(memory_format=torch.channels_last)
    torch.save(network.state_dict(), path)
    network.to(memory_format=torch.contiguous_format)


def views(path, network, state):
    """All floats in one storage, each tensor at its offset."""
    floats = {name: tensor for name, tensor in state.items() if tensor.is_floating_point()}
    parts = torch.cat([tensor.flatten() for tensor in floats.values()])
    parts = parts.split([tensor.numel() for tensor in floats.values()])
    views = {name: part.view(state[name].shape) for name, part in zip(floats, parts)}
    torch.save({name: views.get(name, tensor) for name, tensor in state.items()}, path)


def trained_step(network):
    """The optimizer of a fine-tuned classifier, after a step that leaves the weights as they are."""
    classifier = list(network.parameters())[-2:]
    optimizer = torch.optim.SGD(classifier, lr=0.0, momentum=0.9)
    output = network(torch.zeros(1, 3, 64, 64))
    getattr(output, "logits", output).square().sum().backward()
    optimizer.step()
    network.zero_grad()
    return optimizer


def average(state):
    """A moving average of the weights, other values than the weights' own."""
    halved = {name: t / 2 if t.is_floating_point() else t for name, t in state.items()}
    return collections.OrderedDict(halved)


def timm_training(path, network, state):
    """timm's CheckpointSaver, with averaged weights. The arguments are an `argparse.Namespace`."""
    checkpoint = {
        "epoch": 7,
        "arch": "efficientnet",
        "optimizer": trained_step(network).state_dict(),
        "version": 2,
        "args": argparse.Namespace(model="efficientnet", lr=0.1, opt="sgd", mean=None),
        "state_dict": state,
        "state_dict_ema": average(state),
        "metric": 71.5,
    }
    torch.save(checkpoint, path)


def torchvision_training(path, network, state):
    """The reference training script of torchvision."""
    optimizer = trained_step(network)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)
    checkpoint = {
        "model": state,
        "optimizer": optimizer.state_dict(),
        "lr_scheduler": schedule.state_dict(),
        "epoch": 7,
        "args": argparse.Namespace(model="efficientnet", lr=0.1, opt="sgd"),
    }
    torch.save(checkpoint, path)


def npz(path, network, state, save=np.savez):
    save(path, **{name: tensor.numpy() for name, tensor in state.items()})


F32, F16, BF16 = torch.float32, torch.float16, torch.bfloat16
TORCH_FORMATS = {
    "safetensors": (F32, safetensors),
    "f16.safetensors": (F16, safetensors),
    "bf16.safetensors": (BF16, safetensors),
    "pth": (F32, plain),
    "f16.pth": (F16, plain),
    "bf16.pth": (BF16, plain),
    "legacy.pth": (F32, legacy_pickle),
    "module.pth": (F32, data_parallel),
    "model.pth": (F32, under_model),
    "parameters.pth": (F32, parameters),
    "channels_last.pth": (F32, channels_last),
    "views.pth": (F32, views),
    "timm_training.pth": (F32, timm_training),
    "torchvision_training.pth": (F32, torchvision_training),
    "npz": (F32, npz),
    "compressed.npz": (F32, functools.partial(npz, save=np.savez_compressed)),
    "f16.npz": (F16, npz),
}


# Keras ---------------------------------------------------------------------------------------------


def whole_model(path, network):
    """Configuration and weights: `.keras`, and `.h5` in the layout of Keras 2."""
    network.save(path)


def keras_3_weights(path, network):
    network.save_weights(path)


def keras_2_weights(path, network):
    """Weights alone as in the files that keras.applications downloads: `layer/layer/kernel:0`, and the
    attributes `layer_names` and `weight_names`, strings of one length, as h5py 2 wrote them. Keras 3
    reads this layout but writes names without `:0`, and `kernel` for `depthwise_kernel`."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer.name.encode() for layer in network.layers])
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.4.0"
        for layer in network.layers:
            group = file.create_group(layer.name)
            depthwise = "depthwise_" * isinstance(layer, keras.layers.DepthwiseConv2D)
            names = [f"{layer.name}/{depthwise}{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = np.array([name.encode() for name in names])
            for name, values in zip(names, layer.get_weights()):
                group.create_dataset(name, data=values)
    network.load_weights(path)  # Keras agrees that this is the layout


def keras_3_legacy_weights(path, network):
    """Weights alone as Keras 3 writes that layout."""
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)


def keras_npz(path, network):
    """Arrays named by the variables' paths."""
    np.savez(path, **{w.path: keras.ops.convert_to_numpy(w) for w in network.weights})


KERAS_FORMATS = {
    "keras": whole_model,
    "h5": whole_model,
    "weights.h5": keras_3_weights,
    "keras2_weights.h5": keras_2_weights,
    "keras3_legacy_weights.h5": keras_3_legacy_weights,
    "npz": keras_npz,
}
