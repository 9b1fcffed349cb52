//! Small valid files: those that frameworks and PIL wrote for the tests of the crates.

use std::fs;
use std::path::Path;

use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::BUNDLED;

use crate::mutate::zip::{self, Entry};
use crate::parsers::{PORTABLE, TINY};

/// Tensors as each writer lays them out.
const ODD: &str = "efficientnet-checkpoint/tests/data";
const HDF5: &str = "efficientnet-checkpoint/tests/data/hdf5";
/// Checkpoints of a small network.
const TINY_FILES: &str = "tests/frameworks/tiny";
const PHOTOS: &str = "efficientnet-runtime/src/image/testdata";

/// What is read of a network's configuration, in every form that Keras writes.
const SHORT_CONFIGS: [&str; 4] = [
    r#"{"class_name": "Functional", "config": {"name": "b0", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 224, 224, 3]}},
        {"class_name": "Rescaling", "config": {"scale": 0.00392, "offset": [0.0, -1.5e0, 1]}},
        {"class_name": "Normalization", "config": {"axis": [3], "invert": false, "mean": null}},
        {"class_name": "Conv2D", "config": {"name": "stem_conv", "filters": 8}},
        {"class_name": "BatchNormalization", "config": {"axis": 3, "epsilon": 0.001}}]}}"#,
    r#"{"class_name": "Sequential", "config": [
        {"class_name": "RandomFlip", "config": {"mode": "horizontal"}},
        {"class_name": "Functional", "config": {"layers": [
            {"class_name": "Rescaling", "config": {"scale": {"class_name": "__numpy__",
                "config": {"value": [1, 2, 3], "dtype": "float64"}}, "offset": 0}},
            {"class_name": "Conv2D", "config": {}}]}}]}"#,
    r#"{"class_name": "Model", "config": {"layers": [
        {"class_name": "Normalization", "config": {"mean": [1.0, 2.0, 3.0],
            "variance": {"class_name": "__tuple__", "items": [4, 5, 6]}, "invert": false}},
        {"class_name": "TFOpLambda", "config": {"function": "math.truediv"},
            "inbound_nodes": [["x", 0, 0, {"y": [0.229, 0.224, 0.225]}]]}]}}"#,
    r#"{"class_name": "Functional", "config": {"layers": []}}"#,
];

pub(crate) fn specs() -> Vec<Vec<u8>> {
    let bundled = BUNDLED.iter().map(|(_, text)| text.as_bytes().to_vec());
    let tiny = read("tests/frameworks", "tiny.yaml");
    bundled.chain([tiny]).collect()
}

pub(crate) fn safetensors() -> Vec<Vec<u8>> {
    let mut seeds = all(ODD, &["odd.safetensors"]);
    seeds.push(read(TINY_FILES, "timm.f16.safetensors"));
    seeds
}

pub(crate) fn pth() -> Vec<Vec<u8>> {
    let mut seeds = all(ODD, &["odd.pth", "odd.protocol5.pth", "odd.legacy.pth"]);
    seeds.push(read(TINY_FILES, "lukemelas.bf16.pth"));
    seeds
}

pub(crate) fn h5() -> Vec<Vec<u8>> {
    all(
        HDF5,
        &["numbers.h5", "numbers.v108.h5", "many.h5", "bfloat16.h5"],
    )
}

/// An archive that Keras wrote, and smaller ones around other weights.
pub(crate) fn keras() -> Vec<Vec<u8>> {
    let whole = read(TINY_FILES, "keras_adapted.keras");
    let mut parts = zip::read(&whole).expect("an archive");
    let weights = parts.iter_mut().find(|part| part.name.ends_with(".h5"));
    let weights = weights.expect("weights");
    let mut seeds = Vec::new();
    for (file, deflated) in [("bfloat16.h5", false), ("numbers.v108.h5", true)] {
        seeds.push((read(HDF5, file), deflated));
    }
    let name = weights.name.clone();
    let config = parts.into_iter().find(|part| part.name == "config.json");
    let config = config.expect("a configuration");
    let small = seeds.into_iter().map(|(bytes, deflated)| {
        let name = name.clone();
        zip::write(&[
            config.clone(),
            Entry {
                name,
                bytes,
                deflated,
            },
        ])
    });
    small.chain([whole.clone()]).collect()
}

/// A configuration that Keras wrote, and more often short ones.
pub(crate) fn keras_configs() -> Vec<Vec<u8>> {
    let parts = zip::read(&read(TINY_FILES, "keras_adapted.keras")).expect("an archive");
    let config = parts.into_iter().find(|part| part.name == "config.json");
    let short = SHORT_CONFIGS.map(|config| config.as_bytes().to_vec());
    let whole = config.expect("a configuration").bytes;
    short.into_iter().chain([whole]).collect()
}

pub(crate) fn npz() -> Vec<Vec<u8>> {
    let mut seeds = all(ODD, &["odd.npz", "odd.big_endian.npz"]);
    seeds.extend(all(HDF5, &["numbers.npz"]));
    seeds.push(read(TINY_FILES, "timm_tf.f16.npz"));
    seeds
}

pub(crate) fn npy() -> Vec<Vec<u8>> {
    all(TINY_FILES, &["timm.logits.npy", "input.nhwc.33x47.npy"])
}

pub(crate) fn jpeg() -> Vec<Vec<u8>> {
    all(
        PHOTOS,
        &[
            "grey.jpg",
            "rotated.jpg",
            "progressive.jpg",
            "cmyk.jpg",
            "jpeg_inks.jpg",
            "jpeg_progressive.jpg",
            "jpeg_restarts.jpg",
            "jpeg_unrefined.jpg",
        ],
    )
}

pub(crate) fn png() -> Vec<Vec<u8>> {
    all(
        PHOTOS,
        &[
            "alpha.png",
            "deep.png",
            "grey_alpha.png",
            "palette.png",
            "bicubic_down.png",
        ],
    )
}

pub(crate) fn webp() -> Vec<Vec<u8>> {
    all(PHOTOS, &["alpha.webp", "lossy.webp"])
}

/// Weights that are packed for the instruction set that every processor has.
pub(crate) fn packed() -> Vec<Vec<u8>> {
    let checkpoint = read(TINY_FILES, "timm.f16.safetensors");
    let checkpoint = Checkpoint::from_bytes(checkpoint, "timm").expect("a checkpoint");
    let network = Interpreter::new(TINY.clone(), &checkpoint, &PORTABLE).expect("its weights");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("packed");
    network.write_packed(&path).expect("it can be written");
    vec![fs::read(path).expect("it was written")]
}

fn all(folder: &str, files: &[&str]) -> Vec<Vec<u8>> {
    files.iter().map(|file| read(folder, file)).collect()
}

/// A file of the workspace.
fn read(folder: &str, file: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join(folder).join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
