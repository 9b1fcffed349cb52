//! `efficientnet quantize`: a checkpoint and photos to a quantised checkpoint.

mod common;

use std::fs;

use common::{Files, Outcome, efficientnet, photo, workspace};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::Options;

/// Google's weights of lite0.
fn lite0() -> String {
    let path = workspace("efficientnet-lite0-weights/lite0.safetensors");
    path.into_os_string().into_string().expect("paths are text")
}

fn quantize(variant: &str, weights: &str, folder: &str, output: &str, more: &[&str]) -> Outcome {
    let arguments = [
        "quantize",
        variant,
        "--weights",
        weights,
        "--calibrate",
        folder,
    ];
    efficientnet(&[&arguments[..], &["-o", output], more].concat())
}

/// A folder `photos` of a photo, a folder with another, and of files that are none.
fn photos() -> Files {
    let files = Files::new();
    fs::create_dir_all(files.path("photos/more")).expect("made");
    for (name, path) in [("coffee", "photos/a.jpg"), ("chelsea", "photos/more/c.jpg")] {
        fs::copy(photo(name), files.path(path)).expect("copied");
    }
    files.write("photos/notes.txt", "");
    files
}

#[test]
fn a_checkpoint_and_photos_make_a_quantised_one_that_can_be_looked_at_and_converted() {
    let files = photos();
    files.write("photos/broken.jpg", "no photo");
    let (folder, output) = (files.path("photos"), files.path("q.safetensors"));
    let outcome = quantize("lite0", &lite0(), &folder, &output, &["--padding", "same"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    // Nothing but the photo that cannot be read: this is no terminal.
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("broken.jpg: expected JPEG"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stdout.starts_with("2 images, 51 activations; "),
        "{}",
        outcome.stdout
    );
    assert_eq!(outcome.stdout.lines().count(), 1, "{}", outcome.stdout);

    let quantized = Checkpoint::open(&output).expect("it is a checkpoint");
    assert!(quantized.is_quantized());
    let document = efficientnet(&["weights", "inspect", &output, "--json"]).json();
    assert_eq!(document["library"], "timm");
    assert_eq!(document["dtypes"]["I8"], 50);
    for name in ["q.npz", "copy.safetensors"] {
        let converted = files.path(name);
        efficientnet(&["weights", "convert", &output, "-o", &converted]).success();
        let converted = Checkpoint::open(&converted).expect("it is a checkpoint");
        let contents = |checkpoint: &Checkpoint| -> Vec<_> {
            let tensors = checkpoint.tensors();
            tensors
                .map(|t| {
                    (
                        t.name().to_owned(),
                        t.dtype(),
                        t.bytes().expect("read").into_owned(),
                    )
                })
                .collect()
        };
        assert!(contents(&converted) == contents(&quantized), "{name}");
    }
    quantize(
        "lite0",
        &output,
        &folder,
        &files.path("again.safetensors"),
        &[],
    )
    .complains(2, &["quantised already", "made from"]);
}

#[test]
fn as_many_photos_as_are_asked_for() {
    let files = photos();
    let (folder, output) = (files.path("photos"), files.path("q.safetensors"));
    let more = ["--padding", "same", "--images", "1", "--json"];
    let document = quantize("lite0", &lite0(), &folder, &output, &more).json();
    assert_eq!(
        (&document["images"], &document["skipped"]),
        (&1.into(), &0.into())
    );
    let bytes = |name: &str| document[name].as_u64().expect("a number");
    assert!(bytes("bytes_after") < bytes("bytes_before"), "{document}");
}

#[test]
fn mistakes_say_what_to_do_and_leave_no_file() {
    let files = photos();
    let (folder, output) = (files.path("photos"), files.path("q.safetensors"));
    let weights = lite0();
    let b0 = files.weights("b0", &Options::default());
    fs::create_dir(files.path("empty")).expect("made");
    fs::create_dir(files.path("broken")).expect("made");
    files.write("broken/a.jpg", "no photo");
    let npz = files.path("q.npz");
    let [empty, missing, file] = ["empty", "missing", "photos/a.jpg"].map(|name| files.path(name));
    let wrong: [(&str, &str, &str, &str, &[&str]); 6] = [
        (
            "b0",
            &b0,
            &folder,
            &output,
            &["stem_activation", "silu", "lite0"],
        ),
        ("lite1", &weights, &folder, &output, &["another variant"]),
        (
            "lite0",
            &weights,
            &empty,
            &output,
            &["empty: no file in it is a photo"],
        ),
        (
            "lite0",
            &weights,
            &missing,
            &output,
            &["a folder of photos, found nothing"],
        ),
        (
            "lite0",
            &weights,
            &file,
            &output,
            &["a folder of photos, found a file"],
        ),
        ("lite0", &weights, &folder, &npz, &["ends in .safetensors"]),
    ];
    for (variant, weights, folder, output, parts) in wrong {
        let complaint = quantize(variant, weights, folder, output, &[]).failure(2);
        for part in parts {
            assert!(complaint.contains(part), "`{part}` is not in: {complaint}");
        }
    }
    let complaint = quantize("lite0", &weights, &files.path("broken"), &output, &[]).failure(2);
    let last = complaint.lines().last().unwrap_or_default();
    assert!(
        last.contains("none of its 1 photos can be read"),
        "{complaint}"
    );
    let names = files.names();
    assert!(
        !names.iter().any(|name| name.starts_with("q.")),
        "{names:?}"
    );
}
