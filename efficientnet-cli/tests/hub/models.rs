//! From a name on the hub to logits: every command that takes weights.

use std::fs;

use efficientnet::spec::Options;

use crate::common::{Files, arguments, efficientnet, logits, photo, workspace};
use crate::fake::{Home, Hub};

const TINY: &str = "tests/frameworks/tiny";

/// A file that timm wrote, of a small network.
fn timm() -> Vec<u8> {
    fs::read(workspace(&format!("{TINY}/timm.safetensors"))).expect("it is committed")
}

fn path(name: &str) -> String {
    let path = workspace(name);
    path.into_os_string().into_string().expect("paths are text")
}

#[test]
fn photos_are_classified_by_b0_of_the_hub() {
    let files = Files::new();
    let options = Options {
        classes: Some(7),
        ..Options::default()
    };
    let weights = files.weights("b0", &options);
    let hub = Hub::with([("model.safetensors", fs::read(&weights).expect("written"))]);
    let home = Home::of(&hub);
    let photo = photo("coffee");
    let classify = |weights: &str| {
        let arguments = [
            "classify",
            &photo,
            "--model",
            "b0",
            "--weights",
            weights,
            "--json",
        ];
        home.run(&arguments).success()
    };
    let expected = classify(&weights);
    assert!(expected.contains("probability"), "{expected}");
    assert_eq!(classify("hub:timm/tiny"), expected);
    assert_eq!(classify("hub:timm/tiny@v1/model.safetensors"), expected);
    assert_eq!(hub.counts(), (2, 1));
}

#[test]
fn every_command_that_takes_weights_takes_them_of_the_hub() {
    let hub = Hub::with([("model.safetensors", timm())]);
    let home = Home::of(&hub);
    let files = &home.files;
    let spec = path("tests/frameworks/tiny.yaml");
    let local = path(&format!("{TINY}/timm.safetensors"));
    let input = files.image("x.npy", [3, 32, 32]);
    let more = ["--spec", &spec];
    let run = |weights: &str, output: &str| {
        let output = files.path(output);
        home.run(&arguments(["tiny", weights, &input, &output], &more))
            .success();
        logits(&output).data
    };
    let expected = run(&local, "expected.npy");
    assert_eq!(run("hub:timm/tiny", "run.npy"), expected);

    let packed = files.path("tiny.packed");
    let pack = [
        "weights",
        "pack",
        "tiny",
        "--spec",
        &spec,
        "--weights",
        "hub:timm/tiny",
    ];
    home.run(&[&pack[..], &["-o", &packed]].concat()).success();
    assert_eq!(run(&packed, "packed.npy"), expected);

    let converted = files.path("tiny.npz");
    home.run(&["weights", "convert", "hub:timm/tiny", "-o", &converted])
        .success();
    assert_eq!(run(&converted, "converted.npy"), expected);

    let verify = [
        "verify",
        "tiny",
        "--spec",
        &spec,
        "--weights",
        "hub:timm/tiny",
    ];
    home.run(&verify).success();
    let text = home.inspect("hub:timm/tiny").success();
    assert!(text.contains("timm"), "{text}");
    assert_eq!(hub.counts().1, 1);
}

#[test]
fn help_says_how_a_file_of_the_hub_is_named() {
    let commands: [&[&str]; 6] = [
        &["run"],
        &["classify"],
        &["verify"],
        &["weights", "inspect"],
        &["weights", "convert"],
        &["weights", "pack"],
    ];
    for command in commands {
        let help = efficientnet(&[command, &["--help"]].concat()).success();
        assert!(help.contains("hub:OWNER/NAME[@REVISION][/FILE]"), "{help}");
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
