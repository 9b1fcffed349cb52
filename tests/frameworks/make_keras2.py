#!/usr/bin/env python3
"""make_keras2.py DIRECTORY: what Keras 2, the one in TensorFlow up to 2.15, makes of the tiny network.

Reads DIRECTORY/keras_imagenet.keras2_weights.h5 as `make_checkpoints.py --tiny` wrote it, and writes
`keras2_imagenet.h5`, the whole model, with its logits and an entry in the manifest. In an environment of
its own: pip install tensorflow-cpu==2.15.1, Python 3.11 at most.
"""

import json
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
from keras.src.applications import efficientnet

from variants import STEM, VARIANTS

NAME = "keras2_imagenet"
FROM = "keras_imagenet.keras2_weights.h5"


def blocks(variant):
    before = STEM
    for kernel, stride, expand, channels, repeats in variant.blocks:
        yield {
            "kernel_size": kernel,
            "repeats": repeats,
            "filters_in": before,
            "filters_out": channels,
            "expand_ratio": expand,
            "id_skip": True,
            "strides": stride,
            "se_ratio": 0.25,
        }
        before = channels


def network(variant, size, classes):
    """The graph of weights="imagenet" with a classifier, as for fine-tuning."""
    load, download = efficientnet.training.Model.load_weights, efficientnet.data_utils.get_file
    try:
        efficientnet.training.Model.load_weights = lambda *_, **__: None
        efficientnet.data_utils.get_file = lambda *_, **__: "nothing"
        base = efficientnet.EfficientNet(
            variant.width,
            variant.depth,
            variant.resolution,
            dropout_rate=variant.dropout,
            blocks_args=list(blocks(variant)),
            model_name="efficientnetb0",
            weights="imagenet",
            include_top=False,
            pooling="avg",
            input_shape=(*size, 3),
        )
    finally:
        efficientnet.training.Model.load_weights = load
        efficientnet.data_utils.get_file = download
    features = keras.layers.Dropout(variant.dropout, name="top_dropout")(base.output)
    dense = keras.layers.Dense(classes, activation="softmax", name="predictions")
    return keras.Model(base.input, dense(features), name=base.name)


def main():
    directory = Path(sys.argv[1])
    manifest = json.loads((directory / "manifest.json").read_text())
    (source,) = [entry for entry in manifest["files"] if entry["file"] == FROM]
    image = np.load(directory / source["input"])
    variant = VARIANTS[source["variant"]]
    model = network(variant, image.shape[1:3], source["classes"])
    model.load_weights(directory / FROM)
    model.save(directory / f"{NAME}.h5")
    model.get_layer("predictions").activation = keras.activations.linear
    np.save(directory / f"{NAME}.logits.npy", model(image, training=False).numpy())

    entry = {**source, "file": f"{NAME}.h5", "format": "h5", "logits": f"{NAME}.logits.npy"}
    entry["made_with"] = {"keras": keras.__version__, "h5py": h5py.__version__}
    manifest["files"] = [e for e in manifest["files"] if e["file"] != entry["file"]] + [entry]
    (directory / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
