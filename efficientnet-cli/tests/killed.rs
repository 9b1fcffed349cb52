//! Killed at any moment, a command leaves each of its output files as it was or complete, and nothing that the next
//! run trips over.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{Files, command, efficientnet, photo};
use efficientnet::spec::{LayerGraph, Options, Spec, Top};

/// A family of two small variants.
const SPEC: &str = include_str!("../../tests/ui/specs/tiny.yaml");
/// How names of files begin that are being written.
const TEMPORARY: &str = ".efficientnet-";
const ROUNDS: u32 = 100;

/// Files of a directory by their names, those of temporary names left out; none if it is not there yet.
fn outputs(directory: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if !name.starts_with(TEMPORARY) {
            found.insert(name.into_owned(), fs::read(&path).expect("a file"));
        }
    }
    found
}

/// Files of temporary names, which a killed run leaves.
fn temporaries(directory: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.into_string().expect("names are text"))
        .filter(|name| name.starts_with(TEMPORARY))
        .collect()
}

/// Kills two runs of a command in turns, each of which writes the same files with other contents into `directory`.
#[track_caller]
fn kill(directory: &str, runs: [&[&str]; 2]) {
    let started = Instant::now();
    let complete = runs.map(|arguments| {
        efficientnet(arguments).success();
        outputs(directory)
    });
    let whole = started.elapsed() / 2;
    assert!(complete[0].keys().eq(complete[1].keys()) && complete[0] != complete[1]);
    // The first rounds find nothing there.
    for name in complete[0].keys() {
        fs::remove_file(Path::new(directory).join(name)).expect("it is removed");
    }
    for round in 0..ROUNDS {
        let turn = round as usize % 2;
        let (before, new) = (outputs(directory), &complete[turn]);
        let run = command(runs[turn]).stdout(Stdio::null()).spawn();
        // Multiples of the golden ratio: moments of all parts of a run.
        let moment = (f64::from(round) * 0.618_033_988_749_895).fract();
        let mut run = run.expect("the command starts");
        // Every other pair of runs from when it begins to write, which is a short part of some.
        if round / 2 % 2 == 0 {
            sleep(whole.mul_f64(moment));
        } else {
            wait_for_writing(&mut run, directory);
            sleep((whole / 8).mul_f64(moment));
        }
        run.kill().expect("it can be killed, or has ended");
        run.wait().expect("it ends");
        let after = outputs(directory);
        for name in before.keys().chain(new.keys()).chain(after.keys()) {
            let found = after.get(name);
            let old_or_new = found == before.get(name) || found == new.get(name);
            assert!(old_or_new, "round {round}: {name} is neither old nor new");
        }
        for name in temporaries(directory) {
            fs::remove_file(Path::new(directory).join(name)).expect("it is removed");
        }
    }
    for (arguments, complete) in runs.iter().zip(&complete) {
        efficientnet(arguments).success();
        assert!(outputs(directory) == *complete, "{arguments:?}");
    }
}

/// Waits until a file of a temporary name is there, or the run has ended.
fn wait_for_writing(run: &mut Child, directory: &str) {
    while temporaries(directory).is_empty() && run.try_wait().expect("it is known").is_none() {
        sleep(Duration::from_micros(50));
    }
}

/// A spec of few layers and 4 MB of weights, two checkpoints for it, which differ in the number of classes, and a
/// directory for outputs.
fn checkpoints(files: &Files) -> (String, [String; 2]) {
    checkpoints_of(files, SPEC)
}

/// [`SPEC`] without what int8 does not have.
fn quantizable() -> String {
    let lines = SPEC
        .lines()
        .filter(|line| !line.starts_with("squeeze_excite"));
    let lines: Vec<_> = lines.collect();
    lines.join("\n").replace("silu", "relu6") + "\n"
}

/// [`checkpoints`] of a family.
fn checkpoints_of(files: &Files, spec: &str) -> (String, [String; 2]) {
    fs::create_dir(files.path("out")).expect("a directory");
    let wide = "  wide: { width: 8.0, depth: 1.0, resolution: 32, dropout: 0.2 }\n";
    let text = format!("{spec}{wide}");
    let spec = Spec::parse(&text, "wide.yaml").expect("it is valid");
    let checkpoints = [10, 20].map(|classes| {
        let options = Options {
            classes: Some(classes),
            ..Options::default()
        };
        let architecture = spec.architecture("wide", &options).expect("a variant");
        let graph = LayerGraph::build(&architecture, Top::With).expect("it has a graph");
        let tensors: Vec<_> = graph
            .all_tensors()
            .into_iter()
            .map(|tensor| (tensor.name, tensor.shape))
            .collect();
        files.checkpoint(&format!("{classes}.safetensors"), &tensors)
    });
    (files.write("wide.yaml", text), checkpoints)
}

#[test]
fn generate_leaves_files_old_or_new() {
    let files = Files::new();
    // Several files, so that a run can end between two.
    let variant = |number| {
        format!("  v{number}: {{ width: 1.0, depth: 1.0, resolution: 32, dropout: 0.2 }}\n")
    };
    let spec = SPEC.to_owned() + &(0..4).map(variant).collect::<String>();
    let (spec, out) = (files.write("many.yaml", spec), files.path("out"));
    let generate = |classes| {
        let arguments = ["generate", "--spec", &spec, "--out", &out];
        [&arguments[..], &["--classes", classes]].concat()
    };
    kill(&out, [&generate("10"), &generate("20")]);
}

#[test]
fn convert_leaves_the_file_old_or_new() {
    let files = Files::new();
    let (_, [ten, twenty]) = checkpoints(&files);
    for name in ["out/converted.npz", "out/converted.safetensors"] {
        let output = files.path(name);
        let convert = |file| ["weights", "convert", file, "-o", &output];
        kill(&files.path("out"), [&convert(&ten), &convert(&twenty)]);
        fs::remove_file(&output).expect("it is removed");
    }
}

#[test]
fn pack_leaves_the_file_old_or_new() {
    let files = Files::new();
    let (spec, [ten, twenty]) = checkpoints(&files);
    let output = files.path("out/packed");
    let pack = |weights| {
        let arguments = ["weights", "pack", "wide", "--spec", &spec];
        [&arguments[..], &["--weights", weights, "-o", &output]].concat()
    };
    kill(&files.path("out"), [&pack(&ten), &pack(&twenty)]);
}

#[test]
fn quantize_leaves_the_file_old_or_new() {
    let files = Files::new();
    let (spec, [ten, twenty]) = checkpoints_of(&files, &quantizable());
    fs::create_dir(files.path("photos")).expect("a directory");
    fs::copy(photo("coffee"), files.path("photos/coffee.jpg")).expect("a photo");
    let (photos, output) = (files.path("photos"), files.path("out/q.safetensors"));
    let quantize = |weights| {
        let arguments = ["quantize", "wide", "--spec", &spec, "--calibrate", &photos];
        [&arguments[..], &["--weights", weights, "-o", &output]].concat()
    };
    kill(&files.path("out"), [&quantize(&ten), &quantize(&twenty)]);
}
