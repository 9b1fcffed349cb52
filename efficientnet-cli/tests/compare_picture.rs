//! `efficientnet compare -o`: the comparison as a picture, in every format, and every mistake.

mod common;

use std::fs;

use common::{Files, efficientnet, workspace};
use efficientnet::spec::bundled;
use image::GenericImageView;
use roxmltree::Document;
use serde_json::Value;

/// What is printed while a picture is drawn, and its bytes.
fn draw(files: &Files, name: &str, more: &[&str]) -> (String, Vec<u8>) {
    let path = files.path(name);
    let printed = efficientnet(&[&["compare"], more, &["-o", &path]].concat()).success();
    (printed, fs::read(path).expect("the picture is there"))
}

/// What is read aloud of the boxes of an SVG.
fn spoken(svg: &[u8]) -> Vec<String> {
    let document = Document::parse(str::from_utf8(svg).expect("text")).expect("XML");
    let groups = document.descendants();
    let leaves = groups.filter(|node| node.attribute("class") == Some("leaf"));
    let title = |leaf: roxmltree::Node| leaf.first_element_child()?.text().map(str::to_owned);
    leaves.filter_map(title).collect()
}

/// Every stage of the document is a box of the picture, with its numbers and what differs.
#[test]
fn boxes_are_the_stages_of_the_document() {
    let files = Files::new();
    for [a, b] in [["b0", "b1"], ["b1", "b2"], ["v2_b0", "b0"]] {
        let (printed, svg) = draw(&files, "picture.svg", &[a, b, "--json"]);
        let document: Value = serde_json::from_str(&printed).expect("one document");
        let spoken = spoken(&svg);
        let mut boxes = spoken.iter().skip(2);
        for stage in document["stages"].as_array().expect("stages") {
            let different = stage["different"].as_array().expect("words");
            let different: Vec<&str> = different.iter().filter_map(Value::as_str).collect();
            for (side, name) in [("a", a), ("b", b)] {
                if stage[side].is_null() {
                    continue;
                }
                let text = boxes.next().expect("a box");
                assert!(text.starts_with(&format!("{name} ")), "{text}");
                let (kernel, stride) = (&stage[side]["kernel"], &stage[side]["stride"]);
                let window = format!(", {kernel}x{kernel} stride {stride}, ");
                let channels = format!(", {} channels, ", stage[side]["channels"]);
                assert!(text.contains(&window) && text.contains(&channels), "{text}");
                let end = match different.is_empty() {
                    false => format!("; differs: {}", different.join(", ")),
                    true if stage["a"].is_null() => format!("; differs: only in {b}"),
                    true => "; the same".to_owned(),
                };
                assert!(text.ends_with(&end), "{text}");
            }
        }
        assert_eq!(boxes.next(), None);
    }
}

#[test]
fn text_is_printed_as_without_a_picture() {
    let files = Files::new();
    let alone = efficientnet(&["compare", "b0", "b1"]).success();
    for name in ["a.svg", "a.html"] {
        let (printed, first) = draw(&files, name, &["b0", "b1"]);
        assert_eq!(printed, alone);
        assert!(draw(&files, name, &["b0", "b1"]).1 == first, "{name}");
    }
    assert_eq!(files.names(), ["a.html", "a.svg"]);
}

/// `efficientnet compare b0 b7 -o docs/b0-b7.svg` makes it again.
#[test]
fn the_picture_in_the_guide_is_up_to_date() {
    let files = Files::new();
    let (_, made) = draw(&files, "b0-b7.svg", &["b0", "b7"]);
    let there = fs::read(workspace("docs/b0-b7.svg")).expect("the picture");
    assert!(
        made == there,
        "run `efficientnet compare b0 b7 -o docs/b0-b7.svg`"
    );
    assert!(there.len() < 50_000);
}

#[test]
fn themes_are_those_of_plot() {
    let files = Files::new();
    let corner = |theme: &[&str]| {
        let (_, bytes) = draw(&files, "a.PNG", &[&["b1", "b2"], theme].concat());
        let picture = image::load_from_memory(&bytes).expect("a PNG");
        picture.get_pixel(1, 1).0
    };
    assert_eq!(corner(&[]), [255; 4]);
    assert_eq!(corner(&["--theme", "dark"]), [0x14, 0x17, 0x1c, 255]);
}

#[test]
fn mistakes_are_found_before_anything_is_drawn() {
    let files = Files::new();
    let refused = |name: &str, more: &[&str], parts: &[&str]| {
        let path = files.path(name);
        let arguments = [&["compare", "b0", "b1", "-o", &path], more].concat();
        efficientnet(&arguments).complains(2, parts);
    };
    refused("a.pdf", &[], &["a.pdf", "ends in .svg, .html or .png,"]);
    refused("a.dot", &[], &["a.dot", ".svg, .html or .png", "plot"]);
    refused(
        "a.svg",
        &["--theme", "dark"],
        &["--theme", ".png", "leave it out"],
    );
    refused("none/a.svg", &[], &["none", "make it first"]);
    let complaint = efficientnet(&["compare", "b0", "b1", "--theme", "dark"]).failure(2);
    assert!(complaint.contains("--output"), "{complaint}");
    assert!(files.names().is_empty());

    let text = bundled("lite").expect("a spec");
    let spec = files.write("lite.svg", text);
    for option in ["--spec", "--spec-b"] {
        let arguments = ["compare", "lite0", "lite1", option, &spec, "-o", &spec];
        efficientnet(&arguments).complains(2, &[&spec, "it is read, too"]);
    }
    assert_eq!(fs::read_to_string(&spec).expect("the spec"), text);
}
