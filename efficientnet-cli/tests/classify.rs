//! `efficientnet classify`: real photos through the built-in weights, and everything that can be wrong
//! with photos, weights and labels.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{Files, command, efficientnet, json_file, keys, photo, tensors};
use efficientnet::runtime::image::Image;
use efficientnet::spec::Options;
use efficientnet_lite0_weights::WEIGHTS;
use serde_json::Value;

const PHOTOS: [&str; 4] = ["astronaut", "chelsea", "coffee", "rocket"];

fn reference() -> Value {
    json_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/expected.json"))
}

/// The classes of each photo of a document.
fn tops(document: &Value) -> Vec<&Vec<Value>> {
    assert_eq!(keys(document), ["images"]);
    let images = document["images"].as_array().expect("an array");
    images
        .iter()
        .map(|image| image["top"].as_array().expect("an array"))
        .collect()
}

fn classes(paths: &[&str]) -> Value {
    efficientnet(&[&["classify", "--json"], paths].concat()).json()
}

#[test]
fn photos_have_the_classes_and_probabilities_of_the_reference() {
    let reference = reference();
    let photos = PHOTOS.map(photo);
    let paths = photos.each_ref().map(String::as_str);
    let document = efficientnet(&[&["classify", "--json", "--top", "1000"], &paths[..]].concat());
    let document = document.json();
    let tops = tops(&document);
    assert_eq!(tops.len(), PHOTOS.len());
    for (name, top) in PHOTOS.iter().zip(tops) {
        let expected = reference[format!("{name}.jpg")].as_array().expect("five");
        assert_eq!(expected.len(), 5, "{name}");
        assert_eq!(top[0]["class"], expected[0]["cls"], "{name}");
        for class in expected {
            let found = top.iter().find(|found| found["class"] == class["cls"]);
            let found = found.expect("all classes are listed");
            assert_eq!(found["label"], class["label"], "{name}");
            let probability = |value: &Value| value["probability"].as_f64().expect("a number");
            let difference = (probability(found) - probability(class)).abs();
            assert!(difference < 0.01, "{name}: {found}, expected {class}");
        }
    }
}

/// The photos keep their classes, and next to their probabilities, with and without instructions for pairs.
#[test]
fn bfloat16_changes_little() {
    let photos = PHOTOS.map(photo);
    let paths = photos.each_ref().map(String::as_str);
    let wide = classes(&paths);
    let arguments = [&["classify", "--json", "--precision", "bf16"], &paths[..]].concat();
    let narrow = efficientnet(&arguments).json();
    for (wide, narrow) in tops(&wide).into_iter().zip(tops(&narrow)) {
        assert_eq!(narrow[0]["class"], wide[0]["class"]);
        let probability = |top: &[Value]| top[0]["probability"].as_f64().expect("a number");
        let difference = (probability(narrow) - probability(wide)).abs();
        assert!(difference > 0.0 && difference < 0.03, "{difference}");
    }
    let mut software = command(&arguments);
    let output = software
        .env("EFFICIENTNET_BF16", "software")
        .output()
        .expect("it runs");
    let software: Value = serde_json::from_slice(&output.stdout).expect("a document");
    assert_eq!(software, narrow);
}

#[test]
fn people_get_the_classes_as_text() {
    let (coffee, rocket) = (photo("coffee"), photo("rocket"));
    let text = efficientnet(&["classify", &coffee, &rocket]).success();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 12, "{text}");
    assert_eq!((lines[0], lines[6]), (coffee.as_str(), rocket.as_str()));
    assert!(lines[1].ends_with(" %  espresso"), "{text}");
    assert!(lines[7].ends_with(" %  missile"), "{text}");
}

#[test]
fn json_has_the_documented_keys() {
    let coffee = photo("coffee");
    let document = classes(&[&coffee]);
    assert_eq!(keys(&document["images"][0]), ["path", "top"]);
    assert_eq!(document["images"][0]["path"], coffee.as_str());
    let top = tops(&document)[0];
    assert_eq!(top.len(), 5);
    for class in top {
        assert_eq!(keys(class), ["class", "label", "probability"]);
    }
}

#[test]
fn top_takes_any_number_from_one() {
    let coffee = photo("coffee");
    let document = |top| efficientnet(&["classify", "--json", "--top", top, &coffee]).json();
    assert_eq!(tops(&document("1"))[0].len(), 1);
    let all = document("2000");
    let all = tops(&all)[0];
    assert_eq!(all.len(), 1000);
    let probabilities: Vec<f64> = all
        .iter()
        .map(|class| class["probability"].as_f64().expect("a number"))
        .collect();
    assert!(probabilities.is_sorted_by(|a, b| a >= b));
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let refused = efficientnet(&["classify", "--top", "0", &coffee]).failure(2);
    assert!(
        refused.contains("--top") && refused.contains("at least 1"),
        "{refused}"
    );
}

#[test]
fn the_same_pixels_have_the_same_classes_in_every_lossless_format() {
    let files = Files::new();
    // Not a photo's name: the content says what a file is.
    let (png, webp) = (files.path("photo.png"), files.path("photo.webp.jpg"));
    let decoded = Image::open(photo("chelsea")).expect("a JPEG");
    let (width, height) = (decoded.width() as u32, decoded.height() as u32);
    let pixels = image::RgbImage::from_raw(width, height, decoded.pixels().to_vec())
        .expect("as many values as there are pixels");
    pixels
        .save_with_format(&png, image::ImageFormat::Png)
        .expect("written");
    pixels
        .save_with_format(&webp, image::ImageFormat::WebP)
        .expect("written");
    let document = classes(&[&photo("chelsea"), &png, &webp]);
    let tops = tops(&document);
    assert_eq!(tops[0], tops[1]);
    assert_eq!(tops[0], tops[2]);
}

/// Files that are no photos, each broken in its own way.
fn broken(files: &Files) -> Vec<String> {
    let jpeg = fs::read(photo("coffee")).expect("a photo");
    let mut png = Vec::new();
    let pixels = image::RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 7]));
    pixels
        .write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png)
        .expect("encoded");
    let half = png.len() / 2;
    png[half] ^= 0xFF;
    vec![
        files.write("truncated.jpg", &jpeg[..jpeg.len() / 2]),
        files.write("header-only.jpg", &jpeg[..20]),
        files.write("damaged.png", png),
        files.write("text.jpg", "no photo"),
        files.write("empty.jpg", ""),
        files.write("animation.gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
        files.path("missing.jpg"),
    ]
}

#[test]
fn each_broken_photo_gets_one_line_and_the_others_their_classes() {
    let files = Files::new();
    let broken = broken(&files);
    let good = [photo("coffee"), photo("rocket")];
    let mut arguments = vec!["classify", "--top", "1", &good[0]];
    arguments.extend(broken.iter().map(String::as_str));
    arguments.push(&good[1]);

    let text = efficientnet(&arguments);
    assert_eq!(text.code, Some(2));
    let complaints: Vec<&str> = text.stderr.lines().collect();
    assert_eq!(complaints.len(), broken.len(), "{}", text.stderr);
    for (complaint, path) in complaints.iter().zip(&broken) {
        assert!(
            complaint.starts_with(&format!("efficientnet: {path}: ")),
            "{complaint}"
        );
    }
    let lines: Vec<&str> = text.stdout.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[2]),
        (4, good[0].as_str(), good[1].as_str())
    );

    arguments.push("--json");
    let json = efficientnet(&arguments);
    assert_eq!((json.code, json.stderr), (Some(2), text.stderr));
    let document: Value = serde_json::from_str(&json.stdout).expect("one document");
    let paths: Vec<&Value> = (0..2).map(|i| &document["images"][i]["path"]).collect();
    assert_eq!(paths, [good[0].as_str(), good[1].as_str()]);
    assert_eq!(tops(&document).len(), 2);
}

#[test]
fn one_broken_photo_alone_still_is_a_document() {
    let outcome = efficientnet(&["classify", "--json", "/nowhere.jpg"]);
    assert_eq!(outcome.code, Some(2));
    let document: Value = serde_json::from_str(&outcome.stdout).expect("one document");
    assert!(tops(&document).is_empty());
}

#[test]
fn photos_of_extreme_sizes_are_classified() {
    let files = Files::new();
    let path = |name: &str, width, height| {
        let path = files.path(name);
        image::RgbImage::new(width, height)
            .save(&path)
            .expect("written");
        path
    };
    let paths = [
        path("a.png", 1, 1),
        path("b.png", 3000, 2),
        path("c.png", 1, 700),
    ];
    let document = classes(&paths.each_ref().map(String::as_str));
    assert_eq!(tops(&document).len(), 3);
}

#[test]
fn labels_are_one_for_each_class() {
    let files = Files::new();
    let coffee = photo("coffee");
    let names: String = (0..1000).map(|class| format!("name {class}\n")).collect();
    let labels = files.write("labels.txt", names);
    let document = efficientnet(&["classify", "--json", "--labels", &labels, &coffee]).json();
    assert_eq!(tops(&document)[0][0]["label"], "name 967");

    let few = files.write("few.txt", "cat\ndog\n");
    let outcome = efficientnet(&["classify", "--labels", &few, &coffee]);
    outcome.complains(2, &[&few, "2 labels", "1000 classes"]);
    let missing = files.path("missing.txt");
    let outcome = efficientnet(&["classify", "--labels", &missing, &coffee]);
    outcome.complains(2, &[&missing]);
    let binary = files.write("binary.txt", [0xFF, 0xFE, 0x00]);
    let outcome = efficientnet(&["classify", "--labels", &binary, &coffee]);
    outcome.complains(2, &[&binary]);
}

#[test]
fn other_models_need_weights() {
    let coffee = photo("coffee");
    let outcome = efficientnet(&["classify", "--model", "b0", &coffee]);
    outcome.complains(2, &["`b0`", "lite0", "--weights"]);
    let outcome = efficientnet(&["classify", "--model", "b99", &coffee]);
    outcome.complains(2, &["`b99`", "b0, b1, b2", "lite4"]);
    let refused = efficientnet(&["classify", "--padding", "same", &coffee]).failure(2);
    assert!(refused.contains("--weights"), "{refused}");
}

#[test]
fn weights_of_ones_own_may_have_other_classes() {
    let files = Files::new();
    let coffee = photo("coffee");
    let options = Options {
        classes: Some(7),
        ..Options::default()
    };
    let weights = files.weights("b0", &options);
    let with = |more: &[&str]| {
        let arguments = [
            "classify",
            "--json",
            "--model",
            "b0",
            "--weights",
            &weights,
            &coffee,
        ];
        efficientnet(&[&arguments, more].concat()).json()
    };
    let document = with(&[]);
    let top = tops(&document)[0];
    assert_eq!(top.len(), 5);
    for class in top {
        let label = format!("class {}", class["class"]);
        assert_eq!(class["label"], label.as_str());
    }
    assert_eq!(document, with(&["--padding", "symmetric"]));
    assert_ne!(document, with(&["--padding", "same"]));
}

/// A checkpoint does not say how it was trained; the help does, where a user looks.
#[test]
fn built_in_weights_from_a_file_need_the_padding_that_help_names() {
    let coffee = photo("coffee");
    let expected = classes(&[&coffee]);
    let weights = "../efficientnet-lite0-weights/lite0.safetensors";
    let with = |more: &[&str]| {
        let arguments = ["classify", "--json", "--weights", weights, &coffee];
        efficientnet(&[&arguments, more].concat()).json()
    };
    assert_eq!(expected, with(&["--padding", "same"]));
    assert_ne!(expected, with(&[]));
    let help = efficientnet(&["classify", "--help"]).success();
    let weights = help.split("--weights <FILE>").nth(1).expect("the option");
    let weights = weights.split("--labels").next().expect("its text");
    assert!(weights.contains("--padding same"), "{help}");
}

#[test]
fn weights_that_do_not_fit_are_refused() {
    let files = Files::new();
    let coffee = photo("coffee");
    let with = |weights: &str| efficientnet(&["classify", "--weights", weights, &coffee]);
    let missing = files.path("missing.safetensors");
    with(&missing).complains(2, &[&missing]);
    let text = files.write("text.safetensors", "no checkpoint");
    with(&text).complains(2, &[&text, "a file of no known format"]);
    let half = files.write("half.safetensors", &WEIGHTS[..WEIGHTS.len() / 2]);
    with(&half).complains(2, &[&half, "not a valid safetensors file"]);

    let b0 = files.weights("b0", &Options::default());
    let complaint = with(&b0).failure(2);
    assert!(
        complaint.contains(&b0) && complaint.contains("blocks.0.0.se"),
        "{complaint}"
    );
    let mut grey = tensors("lite0", &Options::default());
    grey[0].1[1] = 1;
    assert_eq!(grey[0].0, "conv_stem.weight");
    let grey = files.checkpoint("grey.safetensors", &grey);
    let complaint = with(&grey).failure(2);
    assert!(
        complaint.contains("conv_stem.weight: expected [32, 3, 3, 3]"),
        "{complaint}"
    );
}

#[test]
fn what_is_not_finite_has_no_probabilities() {
    let files = Files::new();
    let coffee = photo("coffee");
    let whole = fs::read(files.weights("b0", &Options::default())).expect("a checkpoint");
    let with = |value: f32| {
        let mut bytes = whole.clone();
        // The values come last.
        let last = bytes.len() - size_of::<f32>();
        bytes[last..].copy_from_slice(&value.to_le_bytes());
        let weights = files.write("changed.safetensors", bytes);
        let outcome = efficientnet(&["classify", "--model", "b0", "--weights", &weights, &coffee]);
        (outcome, weights)
    };
    let (outcome, weights) = with(f32::NAN);
    outcome.complains(2, &[&weights, "tensor `", "NaN"]);
    // Of a finite weight that is too large, the output is not.
    let (outcome, _) = with(f32::MAX);
    outcome.complains(2, &[&coffee, "not finite"]);
}

#[test]
fn whoever_closes_the_output_has_seen_enough() {
    let coffee = photo("coffee");
    for json in [&["--json"][..], &[]] {
        let mut child = command(&[&["classify", "--top", "1000", &coffee, &coffee], json].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}
