//! `efficientnet plot`: every format and level, the picture in the README, and every mistake.

mod common;

use std::fs;

use common::{Files, Outcome, efficientnet, workspace};
use efficientnet::spec::bundled;
use image::GenericImageView;
use roxmltree::Document;

const LEVELS: [&str; 4] = ["blocks", "modules", "layers", "kernels"];

fn plot(output: &str, more: &[&str]) -> Outcome {
    efficientnet(&[&["plot"], more, &["-o", output]].concat())
}

/// The bytes of a picture.
fn picture(files: &Files, name: &str, more: &[&str]) -> Vec<u8> {
    let path = files.path(name);
    assert_eq!(plot(&path, more).success(), "");
    fs::read(path).expect("the picture is there")
}

fn text(files: &Files, name: &str, more: &[&str]) -> String {
    String::from_utf8(picture(files, name, more)).expect("the picture is text")
}

/// Names of the boxes of an SVG: up to the first comma of what is read aloud.
fn boxes(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("XML");
    let groups = document.descendants();
    let leaves = groups.filter(|node| node.attribute("class") == Some("leaf"));
    let titles = leaves.filter_map(|leaf| leaf.first_element_child()?.text());
    let name = |title: &str| title.split(',').next().unwrap_or_default().to_owned();
    titles.map(name).collect()
}

#[test]
fn layers_are_those_of_the_summary() {
    let files = Files::new();
    for more in [&["--no-top"][..], &[]] {
        let arguments = [&["b0", "--level", "layers"], more].concat();
        let drawn = boxes(&text(&files, "b0.svg", &arguments));
        let summary = efficientnet(&[&["summary", "b0", "--json"], more].concat()).json();
        let layers = summary["layers"].as_array().expect("layers");
        let layers: Vec<&str> = layers
            .iter()
            .filter_map(|layer| layer["name"].as_str())
            .collect();
        assert_eq!(drawn, layers);
    }
    let arguments = ["b0", "--level", "layers", "--no-top"];
    assert_eq!(boxes(&text(&files, "b0.svg", &arguments)).len(), 237);
}

#[test]
fn text_formats_of_all_levels_are_the_same_every_time() {
    let files = Files::new();
    for level in LEVELS {
        for name in ["a.svg", "a.html", "a.dot"] {
            let arguments = ["lite0", "--level", level];
            let first = picture(&files, name, &arguments);
            let second = picture(&files, name, &arguments);
            assert!(first == second, "{level} {name}");
        }
    }
    assert_eq!(files.names(), ["a.dot", "a.html", "a.svg"]);
}

#[test]
fn padding_and_resolution_are_drawn() {
    let files = Files::new();
    let shapes = |more: &[&str]| {
        text(
            &files,
            "b.svg",
            &[&["lite0", "--level", "layers"], more].concat(),
        )
    };
    assert!(shapes(&[]).contains(">225x225x3<"));
    assert!(shapes(&["--padding", "symmetric"]).contains(">226x226x3<"));
    let wide = shapes(&["--resolution", "64x96"]);
    assert!(wide.contains(">64x96x3<") && wide.contains(">32x48x32<"));
}

#[test]
fn png_has_two_pixels_for_one_and_a_theme() {
    let files = Files::new();
    let svg = text(&files, "b0.svg", &["b0"]);
    let document = Document::parse(&svg).expect("XML");
    let side = |name| {
        let value = document.root_element().attribute(name);
        value
            .and_then(|value| value.parse::<u32>().ok())
            .expect("whole pixels")
    };
    let expected = (2 * side("width"), 2 * side("height"));
    let mut pages = Vec::new();
    for theme in [&[][..], &["--theme", "light"], &["--theme", "dark"]] {
        let arguments = [&["b0"], theme].concat();
        let bytes = picture(&files, "b0.PNG", &arguments);
        let decoded = image::load_from_memory(&bytes).expect("a PNG");
        assert_eq!(decoded.dimensions(), expected);
        pages.push((bytes, decoded.get_pixel(1, 1).0));
    }
    // Light is the default, and the same every time.
    assert!(pages[0] == pages[1]);
    assert_eq!(pages[0].1, [255; 4]);
    assert_eq!(pages[2].1, [0x14, 0x17, 0x1c, 255]);
}

/// `efficientnet plot b0 -o docs/b0.svg` makes it again.
#[test]
fn the_picture_in_the_readme_is_up_to_date() {
    let files = Files::new();
    let (made, there) = (
        text(&files, "b0.svg", &["b0"]),
        fs::read_to_string(workspace("docs/b0.svg")).expect("the picture"),
    );
    assert!(made == there, "run `efficientnet plot b0 -o docs/b0.svg`");
    assert!(there.len() < 40_000);
}

#[test]
fn an_unknown_ending_names_the_known_ones() {
    let files = Files::new();
    for name in ["b0.pdf", "b0", ".svg"] {
        let known = [".svg", ".html", ".dot", ".png", name];
        plot(&files.path(name), &["b0"]).complains(2, &known);
    }
    assert!(files.names().is_empty());
}

#[test]
fn options_that_make_no_sense_together_are_refused() {
    let files = Files::new();
    let svg = files.path("b0.svg");
    plot(&svg, &["b0", "--theme", "dark"]).complains(2, &["--theme", ".png", "leave it out"]);
    let kernels = ["b0", "--level", "kernels", "--no-top"];
    plot(&svg, &kernels).complains(2, &["--no-top", "kernels", "leave it out"]);
    plot(&svg, &["b99"]).complains(2, &["b99", "lite0"]);
    assert!(files.names().is_empty());
}

#[test]
fn files_that_cannot_be_written_are_named() {
    let files = Files::new();
    let nowhere = files.path("none/b0.svg");
    plot(&nowhere, &["b0"]).complains(2, &[&nowhere, "make it first"]);
    let directory = files.path("d.svg");
    fs::create_dir(&directory).expect("a directory");
    plot(&directory, &["b0"]).complains(2, &[&directory, "it is a directory"]);
}

#[test]
fn a_spec_is_not_overwritten() {
    let files = Files::new();
    let text = bundled("lite").expect("a spec");
    let spec = files.write("lite.svg", text);
    plot(&spec, &["lite0", "--spec", &spec]).complains(2, &[&spec, "it is read, too"]);
    assert_eq!(fs::read_to_string(&spec).expect("the spec"), text);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_the_systems_failure() {
    let files = Files::new();
    let full = files.path("full.svg");
    std::os::unix::fs::symlink("/dev/full", &full).expect("a link");
    plot(&full, &["b0"]).complains(1, &[&full, "cannot be written"]);
}

#[test]
fn a_picture_of_too_many_pixels_says_what_else_there_is() {
    let files = Files::new();
    let text = bundled("efficientnet").expect("a spec");
    let deep = text.replace("depth: 5.3, resolution: 800", "depth: 20, resolution: 64");
    assert_ne!(text, deep);
    let spec = files.write("deep.yaml", deep);
    let arguments = ["l2", "--spec", &spec, "--level", "layers"];
    let parts = ["pixels are too many", ".svg or .html", "--level modules"];
    plot(&files.path("deep.png"), &arguments).complains(2, &parts);
    assert_eq!(files.names(), ["deep.yaml"]);
}
