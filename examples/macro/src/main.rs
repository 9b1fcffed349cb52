//! A network declared by the macro, its weights inside the binary, classifies a photo.

use std::error::Error;

use efficientnet::runtime::image::{Image, Preprocess, Recipe};

/// The weights' own README says how they were trained, and so what the arguments are.
#[efficientnet::model(
    spec = "lite",
    variant = "lite0",
    padding = "same",
    weights = "../../efficientnet-lite0-weights/lite0.safetensors"
)]
struct Lite0;

const PHOTO: &[u8] = include_bytes!("../../../tests/photos/coffee.jpg");

fn main() -> Result<(), Box<dyn Error>> {
    let photo = match std::env::args_os().nth(1) {
        Some(path) => Image::open(path)?,
        None => Image::decode(PHOTO, "coffee.jpg")?,
    };
    let (class, probability) = classify(&photo)?;
    println!("class {class}, {:.1} %", probability * 100.0);
    Ok(())
}

/// The most probable of ImageNet's classes, and its probability.
fn classify(photo: &Image) -> Result<(usize, f32), Box<dyn Error>> {
    let model = Lite0::embedded()?;
    let mut workspace = Lite0::workspace();
    let preprocess = Preprocess::of(Recipe::TimmTf, "lite0", None).ok_or("a variant of timm's")?;
    let input = preprocess.apply(photo);
    let logits = model.forward(input.as_slice().try_into()?, &mut workspace);
    let exponentials = logits.map(f32::exp);
    let sum: f32 = exponentials.iter().sum();
    let best = exponentials
        .iter()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(b.1));
    let (class, value) = best.ok_or("a network has classes")?;
    Ok((class, value / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coffee_is_espresso() {
        let photo = Image::decode(PHOTO, "coffee.jpg").unwrap();
        let (class, probability) = classify(&photo).unwrap();
        assert_eq!(class, 967);
        assert!(probability > 0.9, "{probability}");
    }
}
