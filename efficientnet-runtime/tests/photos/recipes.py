"""Writes recipes.json: what the libraries themselves make of a photo, for every row of the tables in
`src/image/recipe.rs`. Written with timm 1.0.31, torchvision 0.29.2, transformers 5.24.0,
efficientnet_pytorch 0.7.1, Keras 3.15.1 and Pillow 13.0.0.

    python recipes.py
"""

import inspect
import json
import os
import pathlib
import re
import zlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np
from efficientnet_pytorch.utils import efficientnet_params
from PIL import Image
from timm.data import create_transform, resolve_data_config
from timm.models import get_pretrained_cfg
from torchvision import models, transforms
from torchvision.transforms import InterpolationMode
from transformers import EfficientNetImageProcessorPil

HERE = pathlib.Path(__file__).parent
PHOTO = HERE / "../../../tests/photos/chelsea.jpg"
VARIANTS = [f"b{i}" for i in range(8)]
IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
# Google's `efficientnet_lite_builder.py`, where timm rounds to 0.5.
LITE = dict(mean=[127 / 255] * 3, std=[128 / 255] * 3)


def photo(upright):
    """The photo, 451 x 300 pixels, or with rows and columns exchanged."""
    image = Image.open(PHOTO).convert("RGB")
    return image.transpose(Image.Transpose.TRANSPOSE) if upright else image


def case(recipe, variant, resolution, image, mean, std, upright=False, own=True):
    """`image`: float32, height x width x 3, from the library; mean and std recover its levels."""
    image = np.asarray(image, dtype=np.float64)
    assert image.shape[:2] == tuple(resolution), (recipe, variant, image.shape)
    levels = image * std + mean
    assert abs(levels - levels.round()).max() < 1e-3, (recipe, variant)
    return dict(
        recipe=recipe,
        variant=variant,
        resolution=list(resolution),
        # Whether the recipe has this resolution when none is asked for.
        own=own,
        upright=upright,
        # Checksum of the levels from 0 to 255, row by row.
        adler32=zlib.adler32(levels.round().astype(np.uint8).tobytes()),
        # Of the network's input, per channel.
        lowest=[float(f"{x:.7g}") for x in image.min((0, 1))],
        highest=[float(f"{x:.7g}") for x in image.max((0, 1))],
    )


def levels_of(mean, std):
    return np.array(mean) * 255, np.array(std) * 255


def of_tensor(tensor):
    return tensor.permute(1, 2, 0).numpy()


def of_timm(recipe, variant, name, test_size=False, size=None, upright=False):
    config = resolve_data_config(
        pretrained_cfg=get_pretrained_cfg(name).to_dict(), use_test_size=test_size
    )
    if name.startswith("tf_efficientnet_lite"):
        config.update(LITE)
    own = not test_size and size in (None, config["input_size"][1:])
    if size:
        config["input_size"] = (3, *size)
    tensor = create_transform(**config)(photo(upright))
    mean, std = levels_of(config["mean"], config["std"])
    resolution = config["input_size"][1:]
    return case(recipe, variant, resolution, of_tensor(tensor), mean, std, upright, own)


def timm_cases():
    tags = ["b0.ra4_e3600_r224_in1k", "b1.ft_in1k", "b5.sw_in12k"]
    lites = [f"lite{i}" for i in range(5)]
    for variant in VARIANTS + tags + lites:
        name = f"efficientnet_{variant}"
        yield of_timm("timm", variant, name)
        if get_pretrained_cfg(name).test_input_size:
            yield of_timm("timm", variant, name, test_size=True)
    for variant in VARIANTS + [f"{variant}.ap_in1k" for variant in VARIANTS] + lites:
        yield of_timm("timm_tf", variant, f"tf_efficientnet_{variant}")
    # Tags that share the row of the bare name.
    yield of_timm("timm", "b4.ra2_in1k", "efficientnet_b4.ra2_in1k")
    yield of_timm("timm_tf", "b1.aa_in1k", "tf_efficientnet_b1.aa_in1k")
    # Other resolutions: odd, rectangles, enlarged; and an upright photo.
    for size, upright in [
        ((225, 225), False),
        ((201, 320), False),
        ((320, 201), False),
        ((97, 331), True),
        ((300, 299), True),
        ((240, 240), True),
        ((512, 512), False),
    ]:
        yield of_timm("timm_tf", "b1", "tf_efficientnet_b1", size=size, upright=upright)
    yield of_timm("timm", "b5", "efficientnet_b5", size=(225, 310), upright=True)


def torchvision_cases():
    for variant in VARIANTS:
        weights = getattr(models, f"EfficientNet_{variant.upper()}_Weights")
        for name, member in [(variant, weights.DEFAULT), (f"{variant}.v1", weights.IMAGENET1K_V1)]:
            preset = member.transforms()
            mean, std = levels_of(preset.mean, preset.std)
            resolution = preset.crop_size * 2
            image = of_tensor(preset(photo(False)))
            yield case("torchvision", name, resolution, image, mean, std)


def lukemelas_cases():
    for variant in VARIANTS:
        size = efficientnet_params(f"efficientnet-{variant}")[2]
        transform = transforms.Compose([
            transforms.Resize(size, interpolation=InterpolationMode.BICUBIC),
            transforms.CenterCrop(size),
            transforms.ToTensor(),
            transforms.Normalize(**IMAGENET),
        ])
        mean, std = levels_of(**IMAGENET)
        image = of_tensor(transform(photo(False)))
        yield case("lukemelas", variant, (size, size), image, mean, std)


def transformers_cases():
    std = [0.47853944, 0.4732864, 0.47434163]
    for variant, upright in [(variant, False) for variant in VARIANTS] + [("b3", True)]:
        size = efficientnet_params(f"efficientnet-{variant}")[2]
        # As `google/efficientnet-*` have it.
        processor = EfficientNetImageProcessorPil(
            size=dict(height=size, width=size),
            image_mean=IMAGENET["mean"],
            image_std=std,
            do_center_crop=False,
            resample=Image.Resampling.NEAREST,
        )
        image = processor(photo(upright), return_tensors="pt")["pixel_values"][0]
        levels = levels_of(IMAGENET["mean"], np.square(std))
        yield case("transformers", variant, (size, size), of_tensor(image), *levels, upright)


def keras_cases():
    source = inspect.getsource(keras.src.applications.efficientnet)
    # Width, depth and `default_size` in each `EfficientNetB..`'s call.
    sizes = re.findall(r"return EfficientNet\(\s*[\d.]+,\s*[\d.]+,\s*(\d+)", source)
    for variant, size in zip(VARIANTS, map(int, sizes), strict=True):
        image = keras.utils.load_img(PHOTO, target_size=(size, size))
        image = keras.applications.efficientnet.preprocess_input(keras.utils.img_to_array(image))
        yield case("keras", variant, (size, size), image, np.zeros(3), np.ones(3))
    image = keras.utils.img_to_array(keras.utils.load_img(PHOTO, target_size=(97, 460)))
    yield case("keras", "b0", (97, 460), image, np.zeros(3), np.ones(3), own=False)


def unknown_cases():
    """A user's own variants: the libraries' defaults."""
    size = (192, 192)
    levels = levels_of(**IMAGENET)
    for recipe, transform in [
        ("timm", create_transform((3, *size), interpolation="bicubic")),
        ("timm_tf", create_transform((3, *size), interpolation="bicubic")),
    ]:
        image = of_tensor(transform(photo(False)))
        yield case(recipe, "small", size, image, *levels, own=False)
    preset = transforms._presets.ImageClassification(crop_size=224)
    image = of_tensor(preset(photo(False)))
    yield case("torchvision", "small", (224, 224), image, *levels, own=False)


cases = [
    *timm_cases(),
    *torchvision_cases(),
    *lukemelas_cases(),
    *transformers_cases(),
    *keras_cases(),
    *unknown_cases(),
]
lines = ",\n".join(json.dumps(case) for case in cases)
(HERE / "recipes.json").write_text(f"[\n{lines}\n]\n")
