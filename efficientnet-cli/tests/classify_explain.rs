//! `efficientnet classify --explain`: a map whose mean is the logit, and a picture of it.

mod common;

use common::{Files, efficientnet, keys, photo};
use efficientnet::runtime::image::Image;
use efficientnet::spec::Options;
use serde_json::Value;

/// What is said of a photo that is explained.
fn explain(photo: &str, file: &str, more: &[&str]) -> Value {
    let arguments = ["classify", photo, "--explain", file, "--json"];
    let document = efficientnet(&[&arguments, more].concat()).json();
    let image = &document["images"][0];
    assert_eq!(keys(image), ["explanation", "path", "top"]);
    let explanation = &image["explanation"];
    assert_eq!(
        keys(explanation),
        ["bias", "class", "file", "label", "logit", "map"]
    );
    assert_eq!(explanation["file"], file);
    if more.is_empty() {
        assert_eq!(explanation["class"], image["top"][0]["class"]);
    }
    explanation.clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// The rows of a map.
fn rows(explanation: &Value) -> Vec<Vec<f64>> {
    let rows = explanation["map"].as_array().expect("rows").iter();
    rows.map(|row| row.as_array().expect("a row").iter().map(number).collect())
        .collect()
}

/// Mean and bias are the logit, within 1e-4 of it.
fn check_sum(explanation: &Value) {
    let rows = rows(explanation);
    let values: Vec<f64> = rows.concat();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (logit, bias) = (number(&explanation["logit"]), number(&explanation["bias"]));
    let difference = (mean + bias - logit).abs();
    assert!(
        difference <= 1e-4 * logit.abs(),
        "{} and {logit}",
        mean + bias
    );
}

#[test]
fn the_map_s_mean_and_the_bias_are_the_logit() {
    let files = Files::new();
    let file = files.path("why.png");
    for name in ["astronaut", "chelsea", "coffee", "rocket"] {
        let explanation = explain(&photo(name), &file, &[]);
        let rows = rows(&explanation);
        assert_eq!((rows.len(), rows[0].len()), (7, 7), "{name}");
        check_sum(&explanation);
    }
    check_sum(&explain(
        &photo("coffee"),
        &file,
        &["--explain-class", "cup"],
    ));
    check_sum(&explain(&photo("coffee"), &file, &["--explain-class", "0"]));
}

/// The coffee stands in the upper half of the photo, and in its middle.
#[test]
fn what_speaks_for_espresso_is_where_the_coffee_is() {
    let files = Files::new();
    let rows = rows(&explain(&photo("coffee"), &files.path("why.png"), &[]));
    let most = rows.concat().into_iter().fold(f64::MIN, f64::max);
    let row = rows
        .iter()
        .position(|row| row.contains(&most))
        .expect("a row");
    let column = rows[row]
        .iter()
        .position(|&value| value == most)
        .expect("a column");
    assert!(
        (1..=3).contains(&row) && (2..=4).contains(&column),
        "{row}, {column}"
    );
}

/// Outside the middle 224 of 256 pixels of the shorter side, the photo is grey.
#[test]
fn the_picture_is_the_photo_with_what_the_network_saw_in_colour() {
    let files = Files::new();
    let file = files.path("why.png");
    explain(&photo("coffee"), &file, &[]);
    assert_eq!(files.names(), ["why.png"]);
    let (photo, picture) = (
        Image::open(photo("coffee")).unwrap(),
        Image::open(&file).unwrap(),
    );
    let (width, height) = (photo.width(), photo.height());
    assert_eq!(
        (picture.width(), picture.height()),
        (width, height + height / 32)
    );
    let grey = |x: usize, y: usize| {
        let pixel = &picture.pixels()[(y * width + x) * 3..][..3];
        pixel[0] == pixel[1] && pixel[1] == pixel[2]
    };
    let side = height as f64 * 224.0 / 256.0;
    let (left, top) = ((width as f64 - side) / 2.0, (height as f64 - side) / 2.0);
    assert!((0..height).all(|y| grey(0, y) && grey(left as usize - 2, y)));
    assert!((0..width).all(|x| grey(x, 0) && grey(x, top as usize - 2)));
    assert!(!grey(width / 2, height / 2));
}

#[test]
fn people_get_one_line_more() {
    let files = Files::new();
    let (coffee, file) = (photo("coffee"), files.path("why.png"));
    let text = efficientnet(&["classify", &coffee, "--explain", &file, "--top", "1"]).success();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    let expected = format!("{file}: what speaks for `espresso`: 7 x 7 values from ");
    assert!(lines[2].starts_with(&expected), "{text}");
    assert!(lines[2].contains("mean + bias = logit 11.5"), "{text}");
}

/// Other names, another size of the map.
#[test]
fn any_checkpoint_s_classifier_is_found() {
    let files = Files::new();
    let weights = files.weights("b1", &Options::default());
    let more = ["--model", "b1", "--weights", &weights];
    let explanation = explain(&photo("chelsea"), &files.path("why.png"), &more);
    check_sum(&explanation);
}

#[test]
fn mistakes_are_named_before_anything_is_computed() {
    let files = Files::new();
    let (coffee, rocket, file) = (photo("coffee"), photo("rocket"), files.path("why.png"));
    let refused = |arguments: &[&str], parts: &[&str]| {
        efficientnet(&[&["classify", &coffee], arguments].concat()).complains(2, parts);
    };
    refused(
        &[&rocket, "--explain", &file],
        &["found 2 photos", "one IMAGE"],
    );
    refused(&["--explain", &files.path("why.jpg")], &["why.jpg", ".png"]);
    refused(
        &["--explain", &files.path("none/why.png")],
        &["none", "make it first"],
    );
    refused(
        &["--explain", &file, "--explain-class", "espreso"],
        &["did you mean `espresso`?"],
    );
    refused(
        &["--explain", &file, "--explain-class", "1000"],
        &["from 0 to 999"],
    );
    assert_eq!(
        efficientnet(&["classify", &coffee, "--explain-class", "cup"]).code,
        Some(2)
    );
    assert!(files.names().is_empty());
}

/// The mean is not what the classifier works on: no map adds up to the logit.
#[test]
fn a_head_behind_the_pooling_is_refused_with_the_reason() {
    let files = Files::new();
    let weights = files.weights("mobilenetv3_small_100", &Options::default());
    let file = files.path("why.png");
    let more = [
        "--model",
        "mobilenetv3_small_100",
        "--weights",
        &weights,
        "--explain",
        &file,
    ];
    let outcome = efficientnet(&[&["classify", &photo("coffee")], &more[..]].concat());
    outcome.complains(
        2,
        &[
            "mobilenetv3_small_100",
            "stands between",
            "leave out --explain",
        ],
    );
}
