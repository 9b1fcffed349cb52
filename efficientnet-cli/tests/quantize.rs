//! `efficientnet quantize`: a checkpoint and photos to a quantised checkpoint.

mod common;

use std::fs;

use common::{Files, Outcome, efficientnet, lite0, logits, photo};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::spec::Options;
use serde_json::Value;

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
    assert_eq!(document["variant"]["variant"], "lite0");
    assert_eq!(document["variant"]["differences"], Value::Null);
    assert_eq!(document["quantization"], "int8");
    assert_eq!(document["batch_norm_epsilon"], Value::Null);
    let text = efficientnet(&["weights", "inspect", &output]).success();
    assert!(text.contains("lite0 of lite"), "{text}");
    assert!(text.ends_with("quantised       int8\n"), "{text}");
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

/// `run` on a small image, and where its logits are.
fn run(files: &Files, weights: &str, more: &[&str]) -> (Outcome, String) {
    let (input, output) = (files.image("x.npy", [3, 64, 96]), files.path("y.npy"));
    let arguments = common::arguments(["lite0", weights, &input, &output], more);
    (efficientnet(&arguments), output)
}

#[test]
fn packed_weights_give_the_logits_of_the_quantised_checkpoint() {
    let files = Files::new();
    let (quantized, packed) = (files.quantized(), files.path("packed"));
    let same = ["--padding", "same"];
    let arguments = ["weights", "pack", "lite0", "--weights", &quantized];
    efficientnet(&[&arguments[..], &same, &["-o", &packed]].concat()).success();
    let header = efficientnet(&["weights", "inspect", "--json", &packed]).json();
    assert_eq!(header["precision"], "int8");
    let mut found = Vec::new();
    for (weights, more) in [(&quantized, &same[..]), (&packed, &[])] {
        let (outcome, output) = run(&files, weights, more);
        outcome.success();
        found.push(logits(&output).data);
    }
    assert_eq!(found[0], found[1]);
    let (float, output) = run(&files, &lite0(), &same);
    float.success();
    assert_ne!(found[0], logits(&output).data);
    let (other, _) = run(&files, &packed, &["--precision", "f32"]);
    other.complains(2, &[&packed, "packed for precision int8, expected f32"]);
}

#[test]
fn the_other_precision_s_weights_are_told_what_to_do() {
    let files = Files::new();
    let quantized = files.quantized();
    let told = |weights: &str, precision: &str, advice: &str| {
        let more = ["--padding", "same", "--precision", precision];
        let complaint = run(&files, weights, &more).0.failure(2);
        assert!(complaint.starts_with(weights), "{complaint}");
        assert!(complaint.contains(advice), "{complaint}");
    };
    told(&quantized, "f32", "the checkpoint is quantised: take ");
    told(&quantized, "bf16", "of the command `--precision int8`");
    told(&lite0(), "int8", "efficientnet quantize VARIANT --weights");
}

/// Photos keep their classes, and the map that explains one its sum but for the rounding of what the classifier reads.
#[test]
fn photos_have_the_classes_of_the_float_network() {
    let files = Files::new();
    let (quantized, float) = (files.quantized(), lite0());
    let photos = ["astronaut", "chelsea", "coffee", "rocket"].map(photo);
    let first = |weights: &str| -> Vec<Value> {
        let mut arguments = vec![
            "classify",
            "--json",
            "--padding",
            "same",
            "--weights",
            weights,
        ];
        arguments.extend(photos.iter().map(String::as_str));
        let document = efficientnet(&arguments).json();
        let images = document["images"].as_array().expect("a list").iter();
        images
            .map(|image| image["top"][0]["class"].clone())
            .collect()
    };
    let classes = first(&quantized);
    assert_eq!(classes.len(), photos.len());
    assert_eq!(classes, first(&float));

    let picture = files.path("why.png");
    let arguments = [
        "classify",
        "--json",
        "--padding",
        "same",
        "--weights",
        &quantized,
    ];
    let explain = ["--explain", &picture, &photos[2]];
    let document = efficientnet(&[&arguments[..], &explain].concat()).json();
    let explanation = &document["images"][0]["explanation"];
    let number = |value: &Value| value.as_f64().expect("a number");
    let rows = explanation["map"].as_array().expect("rows").iter();
    let values = rows.flat_map(|row| row.as_array().expect("a row"));
    let values: Vec<f64> = values.map(number).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let (logit, bias) = (number(&explanation["logit"]), number(&explanation["bias"]));
    assert!(
        (mean + bias - logit).abs() < 0.02 * logit,
        "{mean} + {bias}, {logit}"
    );
}
