//! Checkpoints of every format written in another one: the same tensors, bit for bit, and the same
//! network around them.

use std::fs;
use std::path::{Path, PathBuf};

use efficientnet_checkpoint::{Checkpoint, ConvertError, Dtype, Format, Padding};

/// Files of `tests/frameworks` in the workspace, and of `data` here.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = |directory: PathBuf| {
        let entries = fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().path())
    };
    let is_checkpoint = |path: &PathBuf| {
        let extension = path.extension().and_then(|e| e.to_str());
        matches!(
            extension,
            Some("safetensors" | "pth" | "npz" | "h5" | "keras")
        )
    };
    let mut files: Vec<_> = listed(root.join("../tests/frameworks/tiny"))
        .chain(listed(root.join("tests/data")))
        .filter(is_checkpoint)
        .collect();
    files.sort();
    files
}

fn has_bfloat16(checkpoint: &Checkpoint) -> bool {
    let mut tensors = checkpoint.tensors();
    tensors.any(|tensor| tensor.dtype() == Dtype::BF16)
}

#[track_caller]
fn assert_same(found: &Checkpoint, expected: &Checkpoint) {
    assert!(found.names().eq(expected.names()), "{}", expected.file());
    for (found, expected) in found.tensors().zip(expected.tensors()) {
        let name = found.name();
        assert_eq!(found.dtype(), expected.dtype(), "{name}");
        assert_eq!(found.shape(), expected.shape(), "{name}");
        assert!(
            found.bytes().unwrap() == expected.bytes().unwrap(),
            "{name}"
        );
    }
    assert_eq!(found.flavour(), expected.flavour());
    assert_eq!(found.classes(), expected.classes());
    for padding in [Padding::Symmetric, Padding::Same] {
        let epsilon = |checkpoint: &Checkpoint| checkpoint.batch_norm_epsilon(padding);
        assert_eq!(epsilon(found), epsilon(expected));
    }
    let input = |checkpoint: &Checkpoint| checkpoint.keras_input(None).unwrap();
    match (input(found), input(expected)) {
        (Some(found), Some(expected)) => {
            let pairs = found.scale.iter().zip(&expected.scale);
            for (a, b) in pairs.chain(found.shift.iter().zip(&expected.shift)) {
                assert!((a - b).abs() <= 1e-9 * b.abs(), "{a} is not {b}");
            }
        }
        (found, expected) => assert_eq!(found, expected),
    }
}

#[test]
fn safetensors_keeps_everything_of_every_format() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.safetensors");
    let files = files();
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let original = Checkpoint::open(&file).unwrap();
        original.write(&path).unwrap();
        let written = Checkpoint::open(&path).unwrap();
        assert_eq!(written.format(), Format::Safetensors);
        assert_same(&written, &original);
        assert_eq!(written.keras_model(), original.keras_model(), "{file:?}");
    }
}

#[test]
fn npz_keeps_every_tensor_of_types_that_numpy_has() {
    let directory = tempfile::tempdir().unwrap();
    let mut refused = 0;
    for file in files() {
        let original = Checkpoint::open(&file).unwrap();
        let path = directory.path().join("out.npz");
        match original.write(&path) {
            Ok(()) => {
                assert!(!has_bfloat16(&original));
                let written = Checkpoint::open(&path).unwrap();
                assert_eq!(written.format(), Format::Npz);
                assert_same(&written, &original);
                fs::remove_file(&path).unwrap();
            }
            Err(error) => {
                assert!(has_bfloat16(&original), "{error}");
                assert!(error.to_string().contains("BF16"), "{error}");
                assert!(!path.exists());
                refused += 1;
            }
        }
    }
    assert!(refused >= 2, "bfloat16 is among the files");
}

/// A file whose configuration says another thing than its weights suggest.
fn adapted(rescaled: bool, epsilon: f64) -> Checkpoint {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/frameworks/tiny");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("model.safetensors");
    Checkpoint::open(root.join("keras_plain.h5"))
        .unwrap()
        .write(&path)
        .unwrap();
    let bytes = fs::read(&path).unwrap();
    // The configuration is text in the header.
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: serde_json::Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    let mut header = header.as_object().unwrap().clone();
    let second = r#"{"class_name":"Rescaling","config":{"scale":[2.0],"offset":[0.0]}},"#;
    let config = format!(
        r#"{{"class_name":"Functional","config":{{"layers":[
            {{"class_name":"Rescaling","config":{{"scale":[0.00392156862745098],"offset":[0.0]}}}},
            {{"class_name":"Normalization","config":{{}}}},{}
            {{"class_name":"BatchNormalization","config":{{"epsilon":{epsilon}}}}}]}}}}"#,
        if rescaled { second } else { "" }
    );
    header.insert(
        "__metadata__".into(),
        serde_json::json!({ "keras_model": config }),
    );
    let header = serde_json::Value::Object(header).to_string();
    let parts = [
        &(header.len() as u64).to_le_bytes()[..],
        header.as_bytes(),
        &bytes[8 + length..],
    ];
    Checkpoint::from_bytes(parts.concat(), "adapted").unwrap()
}

#[test]
fn npz_is_refused_where_weights_alone_would_mean_another_network() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.npz");
    adapted(false, 1e-3).write(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for (checkpoint, reason) in [
        (adapted(true, 1e-3), "rescales the input"),
        (adapted(false, 1e-5), "batch-norm epsilon"),
    ] {
        let error = checkpoint.write(&path).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, ConvertError::Unsupported { .. }), "{text}");
        assert!(
            text.contains(reason) && text.contains("write .safetensors"),
            "{text}"
        );
        assert!(!path.exists());
        let kept = directory.path().join("out.safetensors");
        checkpoint.write(&kept).unwrap();
        assert_same(&Checkpoint::open(&kept).unwrap(), &checkpoint);
    }
}

#[test]
fn what_cannot_be_written_leaves_everything_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let file = files().remove(0);
    let original = directory.path().join(file.file_name().unwrap());
    fs::copy(&file, &original).unwrap();
    let checkpoint = Checkpoint::open(&original).unwrap();
    for name in ["out", "out.pth", "out.npy", ".npz"] {
        let error = checkpoint.write(directory.path().join(name)).unwrap_err();
        assert!(
            matches!(error, ConvertError::Extension { .. }),
            "{name}: {error}"
        );
    }
    let same = directory.path().join("same.npz");
    checkpoint.write(&same).unwrap();
    let before = fs::read(&same).unwrap();
    let error = Checkpoint::open(&same)
        .unwrap()
        .write(directory.path().join("./same.npz"));
    assert!(
        matches!(error, Err(ConvertError::SameFile { .. })),
        "{error:?}"
    );
    assert_eq!(fs::read(&same).unwrap(), before);

    // A file that has been cut since it was opened is a failure of reading, not of writing.
    let cut = directory.path().join("cut.npz");
    fs::write(&cut, &before).unwrap();
    let opened = Checkpoint::open(&cut).unwrap();
    fs::write(&cut, &before[..200]).unwrap();
    let error = opened
        .write(directory.path().join("out.safetensors"))
        .unwrap_err();
    assert!(matches!(error, ConvertError::Checkpoint(_)), "{error}");
    assert!(error.to_string().contains("cut.npz"), "{error}");
    assert!(!directory.path().join("out.safetensors").exists());
}

/// NumPy itself, where it is installed.
#[test]
fn numpy_reads_what_is_written() {
    let python = |code: &str, argument: &Path| {
        let mut command = std::process::Command::new("python3");
        command.arg("-c").arg(code).arg(argument);
        command.output()
    };
    match python("import numpy", Path::new("")) {
        Ok(output) if output.status.success() => {}
        _ => return,
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.npz");
    let checkpoint = Checkpoint::open(root.join("../tests/frameworks/tiny/timm_tf.f16.npz"));
    let checkpoint = checkpoint.unwrap();
    checkpoint.write(&path).unwrap();
    let code = "import sys, zlib, numpy
for name, array in sorted(numpy.load(sys.argv[1]).items()):
    print(name, array.dtype.str, list(array.shape), zlib.crc32(array.tobytes()))";
    let output = python(code, &path).unwrap();
    let expected: String = checkpoint
        .tensors()
        .map(|tensor| {
            let kind = match tensor.dtype() {
                Dtype::F16 => "<f2",
                _ => "<i8",
            };
            let crc = rawzip::crc32(&tensor.bytes().unwrap());
            let (name, shape) = (tensor.name(), tensor.shape());
            format!("{name} {kind} {shape:?} {crc}\n")
        })
        .collect();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        expected,
        "{errors}"
    );
}
