//! Photos against the crops that PIL makes of them (`crops`): the whole way from a file to pixels.

use std::path::Path;

use efficientnet_runtime::image::{Image, Preprocess};

const PHOTOS: [&str; 4] = ["astronaut", "chelsea", "coffee", "rocket"];

fn open(path: &str) -> Image {
    Image::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The resizing being exact, what differs is the JPEG decoder: its inverse cosine transform rounds
/// otherwise than that of libjpeg-turbo, behind PIL. Most values are equal, single ones in saturated
/// colours differ by up to 4 levels of 255.
#[test]
fn crops_of_photos_are_close_to_pils() {
    let preprocess = Preprocess::of_variant("lite0").unwrap();
    for name in PHOTOS {
        let input = preprocess.apply(&open(&format!("../tests/photos/{name}.jpg")));
        let crop = open(&format!("tests/crops/{name}.png"));
        assert_eq!(input.len(), crop.pixels().len());
        // Lite networks take (pixel - 127) / 128, which is exact.
        let levels = input.iter().map(|&value| value * 128.0 + 127.0);
        let differences: Vec<f32> = levels
            .zip(crop.pixels())
            .map(|(level, &expected)| (level - f32::from(expected)).abs())
            .collect();
        let largest = differences.iter().copied().fold(0.0, f32::max);
        let mean = differences.iter().sum::<f32>() / differences.len() as f32;
        assert!(
            largest <= 4.0 && mean < 0.2,
            "{name}: largest {largest}, mean {mean}"
        );
    }
}
