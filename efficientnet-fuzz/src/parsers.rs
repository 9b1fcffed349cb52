//! What drives each parser: from bytes as far as a user's program would go with them.
//!
//! Each returns whether the input was taken. They panic where the code under test does, or where it
//! contradicts itself.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use efficientnet::codegen::plan::{Plan, Precision};
use efficientnet::codegen::{CompileError, compile};
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::image::{Image, Preprocess, Recipe};
use efficientnet::runtime::npy::Array;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::runtime::{Isa, Padding};
use efficientnet::spec::{LayerGraph, Options, Output, Resolution, Spec, Top};

/// The network whose checkpoints are among the seeds.
pub(crate) static TINY: LazyLock<Plan> = LazyLock::new(|| {
    let spec = include_str!("../../tests/frameworks/tiny.yaml");
    let spec = Spec::parse(spec, "tiny.yaml").expect("a valid spec");
    let architecture = spec
        .scale(&spec.variants[0], &Options::default())
        .expect("parsing scales every variant");
    compile(&architecture, &[Output::Logits], Precision::F32)
        .expect("it can be compiled")
        .plan
});

/// Options for the instruction set that every processor has, so that inputs are the same on all.
pub(crate) static PORTABLE: LazyLock<LoadOptions> = LazyLock::new(|| {
    let mut known = Isa::available().into_iter();
    let portable = known.find(|isa| isa.to_string() == "portable");
    LoadOptions {
        isa: Some(portable.expect("every processor has it")),
        ..LoadOptions::default()
    }
});

/// Variants of a spec that are compiled.
const VARIANTS: usize = 2;

/// Layers of the largest network that is compiled.
const MOST_LAYERS: usize = 600;

/// Rows and columns that specs are compiled for.
const SIDE: usize = 64;

/// Rows and columns of the crop that photos are prepared for.
const CROP: usize = 24;

/// A spec's text: parsed, scaled, built and compiled to a plan.
pub fn spec(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else {
        return false;
    };
    let spec = match Spec::parse(text, "fuzz.yaml") {
        Ok(spec) => spec,
        Err(errors) => {
            assert!(errors.to_string().starts_with("fuzz.yaml:"));
            return false;
        }
    };
    let options = Options {
        resolution: Some(Resolution {
            height: SIDE,
            width: SIDE,
        }),
        ..Options::default()
    };
    for variant in spec.variants.iter().take(VARIANTS) {
        // Strides may leave nothing of a small input.
        let Ok(architecture) = spec.scale(variant, &options) else {
            continue;
        };
        let layers = LayerGraph::build(&architecture, Top::With).expect("it can be built");
        if layers.len() > MOST_LAYERS {
            continue;
        }
        for precision in [Precision::F32, Precision::Bf16] {
            match compile(&architecture, &[Output::Logits], precision) {
                Ok(compiled) => drop(compiled.plan.to_string()),
                Err(error @ (CompileError::Pass { .. } | CompileError::Plan(_))) => {
                    panic!("{error}")
                }
                Err(error) => drop(error.to_string()),
            }
        }
    }
    true
}

/// A checkpoint of any format: every tensor is read, and the weights of a network are looked for.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let checkpoint = match Checkpoint::from_bytes(bytes.to_vec(), "fuzz") {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            assert!(error.to_string().starts_with("fuzz: "));
            return false;
        }
    };
    for tensor in checkpoint.tensors() {
        if let Ok(values) = tensor.bytes() {
            assert_eq!(values.len(), tensor.byte_len(), "{tensor:?}");
        }
        if let Ok(values) = tensor.to_f32() {
            assert_eq!(values.len(), tensor.count(), "{tensor:?}");
        }
    }
    checkpoint.batch_norm_epsilon(Padding::Same);
    if let Err(error) = checkpoint.keras_input(None) {
        drop(error.to_string());
    }
    if let Err(error) = Interpreter::new(TINY.clone(), &checkpoint, &PORTABLE) {
        drop(error.to_string());
    }
    true
}

/// The description of a Keras network, as the metadata of a checkpoint.
pub fn keras_config(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let checkpoint = Checkpoint::from_bytes(with_keras_config(&text), "fuzz");
    let checkpoint = checkpoint.expect("its metadata is text");
    if let Err(error) = checkpoint.keras_input(None) {
        drop(error.to_string());
    }
    checkpoint.keras_model().is_some()
}

/// A checkpoint in the safetensors format with Keras's stem and this description.
fn with_keras_config(text: &str) -> Vec<u8> {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\0'..' ' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => escaped.push(c),
        }
    }
    let header = format!(
        "{{\"__metadata__\":{{\"keras_model\":\"{escaped}\"}},\"stem_conv/kernel\":{{\"dtype\":\"F32\",\
         \"shape\":[1,1,3,1],\"data_offsets\":[0,12]}}}}"
    );
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &[0; 12]].concat()
}

/// An array in NumPy's format.
pub fn npy(bytes: &[u8]) -> bool {
    with_file(bytes, |path| match Array::read(path) {
        Ok(array) => {
            assert_eq!(array.shape.iter().product::<usize>(), array.data.len());
            true
        }
        Err(error) => {
            drop(error.to_string());
            false
        }
    })
}

/// A photo of any format: decoded and prepared as two libraries do.
pub fn image(bytes: &[u8]) -> bool {
    let image = match Image::decode(bytes, "fuzz") {
        Ok(image) => image,
        Err(error) => {
            assert!(error.to_string().starts_with("fuzz: "));
            return false;
        }
    };
    let pixels = image.width() * image.height() * 3;
    assert_eq!(image.pixels().len(), pixels);
    for recipe in [Recipe::Timm, Recipe::TimmTf] {
        let preprocess = Preprocess::of(recipe, "b0", Some([CROP; 2])).expect("a resolution");
        let input = preprocess.apply(&image);
        assert_eq!(input.len(), CROP * CROP * 3);
        assert!(input.iter().all(|value| value.is_finite()));
        preprocess.region(image.width(), image.height());
    }
    true
}

/// A file of packed weights, for the network that the seeds are packed for.
pub fn packed(bytes: &[u8]) -> bool {
    with_file(bytes, |path| {
        let loaded = Interpreter::load(TINY.clone(), path, &PORTABLE);
        loaded.map_err(|error| error.to_string()).is_ok()
    })
}

/// Writes bytes to a file of this thread and opens it by `open`: some parsers take nothing else.
fn with_file(bytes: &[u8], open: impl FnOnce(&Path) -> bool) -> bool {
    thread_local! {
        static FOLDER: tempfile::TempDir = tempfile::tempdir().expect("a folder");
    }
    let path = FOLDER.with(|folder| folder.path().join("input"));
    fs::write(&path, bytes).expect("it can be written");
    open(&path)
}
