//! What build scripts get, and how it fails.

use std::fs;
use std::process::Command;

use efficientnet_spec::{Spec, bundled};

use super::*;

/// lite0 at a small size.
fn lite0(out_dir: impl Into<PathBuf>) -> Builder {
    Builder::new("lite")
        .variant("lite0")
        .resolution(64, 96)
        .out_dir(out_dir)
}

#[test]
fn files_are_those_of_the_core() {
    let directory = tempfile::tempdir().unwrap();
    let out_dir = directory.path().join("made/on the way");
    lite0(&out_dir)
        .padding(Padding::Same)
        .classes(7)
        .in_channels(1)
        .output("block3")
        .output("logits")
        .batch_norm_epsilon(1e-3)
        .precision(Precision::Bf16)
        .generate()
        .unwrap();
    let options = ModelOptions {
        options: efficientnet_spec::Options {
            resolution: Some(Resolution {
                height: 64,
                width: 96,
            }),
            classes: Some(7),
            in_channels: Some(1),
            padding: Padding::Same,
        },
        outputs: vec!["block3".to_owned(), "logits".to_owned()],
        batch_norm_epsilon: Some(1e-3),
        precision: Precision::Bf16,
    };
    let spec = Spec::parse(bundled("lite").unwrap(), "lite").unwrap();
    let files = source_files(&spec, "lite", &["lite0".to_owned()], &options).unwrap();
    let found = fs::read_to_string(out_dir.join("lite0.rs")).unwrap();
    assert_eq!(found, files[0].text);
    assert_eq!(fs::read_dir(&out_dir).unwrap().count(), 1);
}

#[test]
fn a_spec_of_ones_own_goes_by_its_files_name() {
    let directory = tempfile::tempdir().unwrap();
    let spec = directory.path().join("mine.yaml");
    fs::write(&spec, bundled("lite").unwrap()).unwrap();
    let builder = Builder::new(spec.to_str().unwrap()).variant("lite0");
    builder.out_dir(directory.path()).generate().unwrap();
    let text = fs::read_to_string(directory.path().join("lite0.rs")).unwrap();
    assert!(text.contains("--spec mine.yaml "), "{text}");
    assert!(!text.contains(directory.path().to_str().unwrap()), "{text}");
}

/// Cargo reads it from standard output, which another process shows.
#[test]
fn cargo_is_told_what_to_watch() {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("builder::tests::a_spec_of_ones_own_goes_by_its_files_name")
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    // The harness may have begun the line.
    let watched: Vec<&str> = output
        .lines()
        .filter_map(|line| Some(line.split_once("cargo::rerun-if-changed=")?.1))
        .collect();
    // This crate has no build script.
    assert_eq!(watched.len(), 1, "{output}");
    assert!(watched[0].ends_with("mine.yaml"), "{output}");
}

#[test]
fn errors_read_the_same_in_a_failed_build() {
    let directory = tempfile::tempdir().unwrap();
    let faulty = directory.path().join("faulty.yaml");
    let text = bundled("lite")
        .unwrap()
        .replace("classes: 1000", "classes: many");
    fs::write(&faulty, text).unwrap();
    let taken = directory.path().join("taken");
    fs::write(&taken, "").unwrap();
    let out_dir = directory.path().join("out");
    let faulty = faulty.to_str().unwrap();
    for (builder, begin) in [
        (
            lite0(&out_dir).variant("lite9"),
            "lite has no variant `lite9`, expected one of lite0, ",
        ),
        (
            lite0(&out_dir).output("logit"),
            "variant `lite0`: there is no output `logit`, ",
        ),
        (
            Builder::new("lit").out_dir(&out_dir),
            "spec `lit` does not exist; expected a YAML file, ",
        ),
        (
            Builder::new(faulty).out_dir(&out_dir),
            &format!("{faulty}:10:10: invalid value of `classes`\n"),
        ),
        (
            lite0(&taken),
            &format!("{}: cannot be written: it is a file", taken.display()),
        ),
    ] {
        let error = builder.generate().unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(begin), "{text}");
        assert_eq!(format!("{error:?}"), text);
    }
    assert!(!out_dir.exists(), "one fault, and nothing is written");
}
