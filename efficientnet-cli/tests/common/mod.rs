//! Runs the command and looks at what it says.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use efficientnet::runtime::npy::Array;
use efficientnet::runtime::synthetic;
use efficientnet::spec::{BUNDLED, LayerGraph, Options, Spec, Top};
use serde_json::Value;
use tempfile::TempDir;

/// What a run of the command did.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The command with arguments, ready to run.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_efficientnet"));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs the command.
pub(crate) fn efficientnet(arguments: &[&str]) -> Outcome {
    let Output {
        status,
        stdout,
        stderr,
    } = command(arguments).output().expect("the command starts");
    Outcome {
        code: status.code(),
        stdout: String::from_utf8(stdout).expect("stdout is text"),
        stderr: String::from_utf8(stderr).expect("stderr is text"),
    }
}

impl Outcome {
    /// Standard output of a run that had nothing to complain about.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self.stdout
    }

    /// The one JSON document of a successful run.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.success()).expect("stdout is one JSON document")
    }

    /// The complaint of a run that printed nothing, without the command's name.
    #[track_caller]
    pub(crate) fn failure(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert_eq!(self.stdout, "");
        let complaint = self.stderr.strip_prefix("efficientnet: ");
        complaint.expect(&self.stderr).trim_end().to_owned()
    }

    /// [`Self::failure`] in one line that says all of `parts`.
    #[track_caller]
    pub(crate) fn complains(self, code: i32, parts: &[&str]) {
        let complaint = self.failure(code);
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        for part in parts {
            assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
        }
    }
}

/// A directory of files that a test makes.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// The path of a file in it, as an argument.
    pub(crate) fn path(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        path.into_os_string().into_string().expect("paths are text")
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), bytes).expect("the file is written");
        self.path(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("the directory is there");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name())
            .map(|name| name.into_string().expect("names are text"))
            .collect();
        names.sort();
        names
    }

    /// A checkpoint of synthetic weights for a variant of a bundled spec.
    pub(crate) fn weights(&self, variant: &str, options: &Options) -> String {
        self.checkpoint(
            &format!("{variant}.safetensors"),
            &tensors(variant, options),
        )
    }

    /// A checkpoint of synthetic values.
    pub(crate) fn checkpoint(&self, name: &str, tensors: &[(String, Vec<usize>)]) -> String {
        let path = self.path(name);
        synthetic::write_safetensors(&path, tensors, 0).expect("the checkpoint is written");
        path
    }

    /// [`lite0`], quantised with the photos of `tests/photos`.
    pub(crate) fn quantized(&self) -> String {
        let (weights, path) = (lite0(), self.path("quantized.safetensors"));
        let photos = workspace("tests/photos");
        let photos = photos.to_str().expect("paths are text");
        let arguments = [
            "quantize",
            "lite0",
            "--weights",
            &weights,
            "--padding",
            "same",
        ];
        efficientnet(&[&arguments[..], &["--calibrate", photos, "-o", &path]].concat()).success();
        path
    }

    /// A float32 array.
    pub(crate) fn array(&self, name: &str, shape: &[usize], data: &[f32]) -> String {
        let values: Vec<u8> = data.iter().flat_map(|x| x.to_le_bytes()).collect();
        self.write(name, npy("<f4", false, shape, &values))
    }

    /// One synthetic image `[1, channels, height, width]`.
    pub(crate) fn image(&self, name: &str, shape: [usize; 3]) -> String {
        let [channels, height, width] = shape;
        let values = synthetic::image(1, height, width, channels);
        self.array(name, &[1, channels, height, width], &values)
    }
}

/// The arguments of `run`: variant, weights, input and output, and more.
pub(crate) fn arguments<'a>(
    [variant, weights, input, output]: [&'a str; 4],
    more: &[&'a str],
) -> Vec<&'a str> {
    let mut arguments = vec!["run", variant, "--weights", weights];
    arguments.extend(["--input", input, "--output", output]);
    arguments.extend(more);
    arguments
}

/// The bytes of a `.npy` file, version 1.0, as NumPy's format description has them.
pub(crate) fn npy(descr: &str, fortran_order: bool, shape: &[usize], values: &[u8]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    let lengths: String = shape.iter().map(|length| format!("{length}, ")).collect();
    let text =
        format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({lengths}), }}\n");
    let length = u16::try_from(text.len()).expect("a short header");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(length.to_le_bytes());
    bytes.extend(text.bytes());
    bytes.extend(values);
    bytes
}

/// A result: float32, in C order.
#[track_caller]
pub(crate) fn logits(path: &str) -> Array {
    let bytes = fs::read(path).expect("the output is there");
    let header = String::from_utf8_lossy(&bytes[10..]).into_owned();
    assert!(
        header.starts_with("{'descr': '<f4', 'fortran_order': False"),
        "{header}"
    );
    Array::read(path).expect("the output is an array")
}

/// Names and shapes of a bundled variant's tensors.
pub(crate) fn tensors(variant: &str, options: &Options) -> Vec<(String, Vec<usize>)> {
    let specs =
        BUNDLED.map(|(name, text)| Spec::parse(text, name).expect("bundled specs are valid"));
    let spec = specs.iter().find(|spec| spec.variant(variant).is_some());
    let architecture = spec
        .expect("a bundled variant")
        .architecture(variant, options)
        .expect("options that fit");
    let graph = LayerGraph::build(&architecture, Top::With).expect("it has a graph");
    let tensors = graph.all_tensors().into_iter();
    tensors.map(|tensor| (tensor.name, tensor.shape)).collect()
}

/// A file of the workspace.
pub(crate) fn workspace(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A photo of `tests/photos`.
pub(crate) fn photo(name: &str) -> String {
    let path = workspace(&format!("tests/photos/{name}.jpg"));
    path.into_os_string().into_string().expect("paths are text")
}

/// Google's weights of lite0, which pad `same`.
pub(crate) fn lite0() -> String {
    let path = workspace("efficientnet-lite0-weights/lite0.safetensors");
    path.into_os_string().into_string().expect("paths are text")
}

/// A JSON file.
pub(crate) fn json_file(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("the file is committed");
    serde_json::from_str(&text).expect("the file is valid")
}

/// The keys of an object, sorted.
#[track_caller]
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("an object");
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}
