//! Photos against what the libraries that trained the checkpoints make of them: the whole way from a
//! file to a network's input.

use std::fs;
use std::path::Path;

use efficientnet_runtime::image::{Image, Preprocess, Recipe};
use serde_json::Value;

const PHOTOS: [&str; 4] = ["astronaut", "chelsea", "coffee", "rocket"];

fn open(path: &str) -> Image {
    Image::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The pixels of a network's input, from 0 to 255.
fn levels(preprocess: &Preprocess, input: &[f32]) -> Vec<u8> {
    let (pixels, _) = input.as_chunks::<3>();
    let channels = pixels.iter().flat_map(|pixel| {
        let affine = pixel.iter().zip(preprocess.std).zip(preprocess.mean);
        affine.map(|((value, std), mean)| value * std + mean)
    });
    channels.map(|level| level.round() as u8).collect()
}

/// PIL decodes, resizes to a shorter side of 256 pixels and crops: `crops` holds what it gives.
#[test]
fn crops_of_photos_are_pils_bit_for_bit() {
    let preprocess = Preprocess::of(Recipe::TimmTf, "lite0", None).unwrap();
    for name in PHOTOS {
        let input = preprocess.apply(&open(&format!("../tests/photos/{name}.jpg")));
        let found = levels(&preprocess, &input);
        let crop = open(&format!("tests/crops/{name}.png"));
        assert_eq!(found.len(), crop.pixels().len());
        let differences = found.iter().zip(crop.pixels()).map(|(a, b)| a.abs_diff(*b));
        let largest = differences.max().unwrap();
        assert_eq!(largest, 0, "{name}");
    }
}

/// `photos/recipes.json`, written by the libraries themselves (`photos/recipes.py`).
#[test]
fn recipes_are_those_of_the_libraries() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/photos/recipes.json");
    let cases: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(!cases.is_empty());
    let photo = open("../tests/photos/chelsea.jpg");
    let upright = transposed(&photo);
    for case in cases {
        let preprocess = preprocess(case);
        let is_upright = case["upright"].as_bool().unwrap();
        let input = preprocess.apply(if is_upright { &upright } else { &photo });
        assert_eq!(input.len(), preprocess.crop[0] * preprocess.crop[1] * 3);
        let checksum = adler32(&levels(&preprocess, &input));
        assert_eq!(Some(checksum), case["adler32"].as_u64(), "{case}");
        let extremes: [[f64; 3]; 2] = [numbers(&case["lowest"]), numbers(&case["highest"])];
        let found = self::extremes(&input);
        for (found, expected) in found.as_flattened().iter().zip(extremes.as_flattened()) {
            let error = (f64::from(*found) - expected).abs();
            assert!(error < 2e-6 * expected.abs().max(1.0), "{case}: {found}");
        }
    }
}

/// The preprocessing of a case, which is the recipe's own or not as the case says.
fn preprocess(case: &Value) -> Preprocess {
    let recipe = recipe(case["recipe"].as_str().unwrap());
    let variant = case["variant"].as_str().unwrap();
    let resolution = numbers(&case["resolution"]).map(|side| side as usize);
    let preprocess = Preprocess::of(recipe, variant, Some(resolution)).unwrap();
    let own = Preprocess::of(recipe, variant, None);
    let is_own = own == Some(preprocess);
    assert_eq!(is_own, case["own"].as_bool().unwrap(), "{case}: {own:?}");
    preprocess
}

/// Lowest and highest value of each channel.
fn extremes(input: &[f32]) -> [[f32; 3]; 2] {
    let (pixels, _) = input.as_chunks::<3>();
    let mut extremes = [[f32::INFINITY; 3], [f32::NEG_INFINITY; 3]];
    for pixel in pixels {
        for (channel, &value) in pixel.iter().enumerate() {
            extremes[0][channel] = extremes[0][channel].min(value);
            extremes[1][channel] = extremes[1][channel].max(value);
        }
    }
    extremes
}

#[test]
fn own_variants_need_a_resolution() {
    assert_eq!(Preprocess::of(Recipe::Keras, "mine", None), None);
    let own = Preprocess::of(Recipe::Lukemelas, "mine", Some([48, 64])).unwrap();
    assert_eq!(own.crop, [48, 64]);
}

fn recipe(name: &str) -> Recipe {
    match name {
        "timm" => Recipe::Timm,
        "timm_tf" => Recipe::TimmTf,
        "torchvision" => Recipe::Torchvision,
        "lukemelas" => Recipe::Lukemelas,
        "transformers" => Recipe::Transformers,
        "keras" => Recipe::Keras,
        _ => panic!("{name}"),
    }
}

fn numbers<const N: usize>(value: &Value) -> [f64; N] {
    let values = value
        .as_array()
        .unwrap()
        .iter()
        .map(|x| x.as_f64().unwrap());
    values.collect::<Vec<_>>().try_into().unwrap()
}

fn transposed(image: &Image) -> Image {
    let (pixels, _) = image.pixels().as_chunks::<3>();
    let columns = (0..image.width()).flat_map(|x| pixels[x..].iter().step_by(image.width()));
    let pixels = columns.flatten().copied().collect();
    Image::new(image.height(), image.width(), pixels).unwrap()
}

/// The checksum of zlib (RFC 1950).
fn adler32(bytes: &[u8]) -> u64 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u64::from(byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}
