"""The same network built by every framework, with random weights: `TORCH` and `keras_network`."""

import functools
import math

import keras
import numpy as np
import timm
import torch
import torchvision
from efficientnet_pytorch import EfficientNet as Lukemelas
from efficientnet_pytorch.utils import BlockDecoder, GlobalParams
from keras.src.applications import efficientnet as keras_efficientnet
from timm.models import _efficientnet_builder as timm_builder
from torchvision.models import efficientnet as torchvision_efficientnet
from transformers import EfficientNetConfig, EfficientNetForImageClassification

from variants import STEM


# PyTorch -------------------------------------------------------------------------------------------


def timm_network(variant, classes, size, padding="symmetric"):
    """`efficientnet_*`, or `tf_efficientnet_*` with SAME padding."""
    same = padding == "same"
    if variant.name != "tiny":
        prefix = "tf_" if same else ""
        return timm.create_model(f"{prefix}efficientnet_{variant.name}", num_classes=classes)
    kinds = ["ds" if expand == 1 else "ir" for _, _, expand, _, _ in variant.blocks]
    table = [
        [f"{kind}_r{repeats}_k{kernel}_s{stride}_e{expand}_c{channels}_se0.25"]
        for kind, (kernel, stride, expand, channels, repeats) in zip(kinds, variant.blocks)
    ]
    return timm.models.efficientnet.EfficientNet(
        timm_builder.decode_arch_def(table, variant.depth),
        num_classes=classes,
        num_features=variant.head,
        stem_size=STEM,
        round_chs_fn=functools.partial(timm_builder.round_channels, multiplier=variant.width),
        act_layer=torch.nn.SiLU,
        norm_layer=functools.partial(torch.nn.BatchNorm2d, eps=1e-3 if same else 1e-5),
        pad_type="same" if same else "",
    )


def torchvision_network(variant, classes, size):
    if variant.name != "tiny":
        return getattr(torchvision.models, f"efficientnet_{variant.name}")(num_classes=classes)
    settings, before = [], STEM
    for kernel, stride, expand, channels, repeats in variant.blocks:
        config = torchvision_efficientnet.MBConvConfig(
            expand, kernel, stride, before, channels, repeats, variant.width, variant.depth
        )
        settings.append(config)
        before = channels
    return torchvision_efficientnet.EfficientNet(settings, variant.dropout, num_classes=classes)


def lukemelas_network(variant, classes, size):
    """Its paddings are fixed when it is made, from `image_size`: anything but the size of the image
    it will see gives another network wherever an odd map meets a stride."""
    if variant.name != "tiny":
        name = f"efficientnet-{variant.name}"
        return Lukemelas.from_name(name, num_classes=classes, image_size=size)
    table, before = [], STEM
    for kernel, stride, expand, channels, repeats in variant.blocks:
        block = f"r{repeats}_k{kernel}_s{stride}{stride}_e{expand}_i{before}_o{channels}_se0.25"
        table.append(block)
        before = channels
    settings = GlobalParams(
        width_coefficient=variant.width,
        depth_coefficient=variant.depth,
        image_size=size,
        dropout_rate=variant.dropout,
        num_classes=classes,
        batch_norm_momentum=0.99,
        batch_norm_epsilon=1e-3,
        drop_connect_rate=0.2,
        depth_divisor=8,
        include_top=True,
    )
    return Lukemelas(BlockDecoder.decode(table), settings)


def transformers_network(variant, classes, size):
    kernels, strides, expansions, channels, repeats = zip(*variant.blocks)
    config = EfficientNetConfig(
        image_size=size[0],
        width_coefficient=variant.width,
        depth_coefficient=variant.depth,
        kernel_sizes=kernels,
        strides=strides,
        expand_ratios=expansions,
        in_channels=(STEM, *channels[:-1]),
        out_channels=channels,
        num_block_repeats=repeats,
        hidden_dim=variant.head,
        dropout_rate=variant.dropout,
        depthwise_padding=blocks_padded_evenly(variant, size),
        num_labels=classes,
    )
    return EfficientNetForImageClassification(config)


def blocks_padded_evenly(variant, size):
    """`depthwise_padding`: the indices of the blocks of stride 2 on maps of odd size, which SAME pads
    alike on both sides. The model of the hub has this list for its variant's own resolution."""
    height, width = (-(-length // 2) for length in size)
    index, even = 0, []
    for _, stride, _, _, repeats in variant.blocks:
        if stride == 2:
            if height % 2 != width % 2:
                raise ValueError(f"transformers can't pad a map of {height} by {width}")
            if height % 2 == 1:
                even.append(index)
            height, width = -(-height // 2), -(-width // 2)
        index += math.ceil(repeats * variant.depth)
    return even


# Name of the network: how it is built, the flavour of its names, its padding, logits of its output.
TORCH = {
    "timm": (timm_network, "timm", "symmetric"),
    "timm_tf": (functools.partial(timm_network, padding="same"), "timm", "same"),
    "torchvision": (torchvision_network, "torchvision", "symmetric"),
    "lukemelas": (lukemelas_network, "lukemelas", "same"),
    "transformers": (transformers_network, "transformers", "same"),
}


def torch_network(name, variant, classes, size, seed):
    """A network of PyTorch for inference at `size`, with random weights and the statistics they have
    on a few random images."""
    network = TORCH[name][0](variant, classes, size).eval()
    generator = np.random.default_rng(seed)
    with torch.no_grad():
        for tensor_name, tensor in network.state_dict().items():
            kind = tensor_name.rsplit(".", 1)[1]
            if kind in ("weight", "bias"):
                kind = "gamma" if kind == "weight" and tensor.ndim == 1 else kind
                values = draw(generator, kind, tensor.shape, math.prod(tensor.shape[1:]))
                tensor.copy_(torch.from_numpy(values))
        norms = [layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
        momentum = norms[0].momentum
        for norm in norms:
            norm.train().momentum = 1.0
        images = [nchw_image(generator, *size) for _ in range(CALIBRATION_IMAGES)]
        network(torch.from_numpy(np.concatenate(images)))
        for norm in norms:
            norm.eval().momentum = momentum
    return network


def torch_logits(network, image):
    with torch.inference_mode():
        output = network(torch.from_numpy(image))
    return getattr(output, "logits", output).numpy()


def batch_norm_epsilon(network):
    """The one epsilon of a network's batch norms."""
    norms = [layer for layer in network.modules() if isinstance(layer, torch.nn.BatchNorm2d)]
    (epsilon,) = {norm.eps for norm in norms}
    return epsilon


# Keras ---------------------------------------------------------------------------------------------

# What the published files hold in the normalization: the variance is ImageNet's standard deviation,
# and the second rescaling by 1 / sqrt(standard deviation) does the rest.
IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_VARIANCE = keras_efficientnet.IMAGENET_STDDEV_RGB

KERAS_KINDS = {
    "plain": "weights=None as it is made: the normalization does nothing",
    "adapted": "weights=None, the normalization adapted to images that are not ImageNet's",
    "imagenet": 'the graph of weights="imagenet", with its second rescaling',
}


def keras_network(kind, variant, classes, size, seed):
    """A network of Keras for images of `size`, with random weights and the statistics they have on a
    few random images, and a softmax at the end if it is of kind imagenet."""
    imagenet = kind == "imagenet"
    network = (keras_imagenet if imagenet else keras_plain)(variant, classes, size)
    generator = np.random.default_rng(seed)
    for layer in network.layers:
        if isinstance(layer, keras.layers.Normalization):
            normalize(layer, kind, generator)
        else:
            layer.set_weights([keras_weight(generator, layer, weight) for weight in layer.weights])
    images = [nhwc_image(generator, *size) for _ in range(CALIBRATION_IMAGES)]
    keras_calibrate(network, np.concatenate(images))
    return network


def keras_calibrate(network, images):
    """One step of training that changes the batch norms' statistics only."""
    changed = []
    for layer in network.layers:
        for setting in ("momentum", "rate"):
            if hasattr(layer, setting):
                changed.append((layer, setting, getattr(layer, setting)))
                setattr(layer, setting, 0.0)
    network(images, training=True)
    for layer, setting, value in changed:
        setattr(layer, setting, value)


def keras_plain(variant, classes, size):
    return keras_efficientnet.EfficientNet(
        **keras_arguments(variant, size), weights=None, classes=classes, classifier_activation=None
    )


def keras_imagenet(variant, classes, size):
    """The graph that the constructor builds for pretrained weights, without downloading any, and a
    classifier of its own layers' names on top, as for fine-tuning: its own has 1000 classes."""
    model_class, download = keras_efficientnet.Functional, keras_efficientnet.file_utils.get_file
    load = model_class.load_weights
    try:
        keras_efficientnet.file_utils.get_file = lambda *_, **__: "nothing"
        model_class.load_weights = lambda *_, **__: None
        base = keras_efficientnet.EfficientNet(
            **keras_arguments(variant, size),
            weights="imagenet",
            include_top=False,
            pooling="avg",
            weights_name="b0",
        )
    finally:
        keras_efficientnet.file_utils.get_file = download
        model_class.load_weights = load
    features = keras.layers.Dropout(variant.dropout, name="top_dropout")(base.output)
    dense = keras.layers.Dense(classes, activation="softmax", name="predictions")
    return keras.Model(base.input, dense(features), name=base.name)


def keras_arguments(variant, size):
    table, before = [], STEM
    for kernel, stride, expand, channels, repeats in variant.blocks:
        block = {
            "kernel_size": kernel,
            "repeats": repeats,
            "filters_in": before,
            "filters_out": channels,
            "expand_ratio": expand,
            "id_skip": True,
            "strides": stride,
            "se_ratio": 0.25,
        }
        table.append(block)
        before = channels
    return {
        "width_coefficient": variant.width,
        "depth_coefficient": variant.depth,
        "default_size": variant.resolution,
        "dropout_rate": variant.dropout,
        "blocks_args": table,
        "name": f"efficientnet{variant.name}",
        "input_shape": (*size, 3),
    }


def normalize(layer, kind, generator):
    """The statistics that a kind of file holds."""
    if kind == "imagenet":
        layer.set_weights([np.float32(IMAGENET_MEAN), np.float32(IMAGENET_VARIANCE), np.int32(0)])
        layer.finalize_state()
    elif kind == "adapted":
        images = generator.uniform(0, 1, (4, 8, 8, 3)) * [0.9, 0.7, 0.5] + [0.0, 0.1, 0.3]
        layer.adapt(images.astype(np.float32))


def keras_weight(generator, layer, weight):
    if weight.name.startswith("moving_"):
        return keras.ops.convert_to_numpy(weight)
    kind = "bias" if weight.name == "beta" else weight.name
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    fan_in = math.prod(weight.shape[:2] if depthwise else weight.shape[:-1])
    return draw(generator, kind, tuple(weight.shape), fan_in)


def keras_logits(network, image):
    """The output before the softmax, if there is one."""
    dense = network.get_layer("predictions")
    activation, dense.activation = dense.activation, keras.activations.linear
    logits = network(image, training=False)
    dense.activation = activation
    return keras.ops.convert_to_numpy(logits)


# Both ----------------------------------------------------------------------------------------------


CALIBRATION_IMAGES = 4


def draw(generator, kind, shape, fan_in):
    """Values of a weight: batch norms far from the identity, products that keep their input's size."""
    limit = math.sqrt(3 / fan_in)
    low, high = {"gamma": (0.5, 1.5), "bias": (-0.3, 0.3)}.get(kind, (-limit, limit))
    return generator.uniform(low, high, shape).astype(np.float32)


def wave(generator, height, width):
    """[height, width, 3] in 0 to 1: a slow wave of its own in every channel, and noise. Noise alone
    would average out, and every image would have the same logits."""
    rows = np.arange(height)[:, None, None] / height
    columns = np.arange(width)[None, :, None] / width
    frequency, phase = generator.uniform(0.5, 2, (2, 3)), generator.uniform(0, 1, 3)
    angle = rows * frequency[0] + columns * frequency[1] + phase
    noise = generator.uniform(0, 1, (height, width, 3))
    return 0.35 * (1 + np.sin(2 * np.pi * angle)) + 0.3 * noise


def nchw_image(generator, height, width):
    """An image [1, 3, height, width] of -2 to 2, as normalised ones are."""
    image = 4 * wave(generator, height, width) - 2
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)


def nhwc_image(generator, height, width):
    """An image [1, height, width, 3] of 0 to 255: Keras's networks rescale it themselves."""
    return (255 * wave(generator, height, width))[None].astype(np.float32)
