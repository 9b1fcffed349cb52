//! Logits against timm's, for every instruction set of this machine. Where they differ, the message
//! says which part of the network differs first.

mod common;

use common::{Case, Golden, Tap, compiled, relative_error};
use efficientnet::codegen::plan::Call;
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Part, Resolution};
use serde_json::{Value, json};

/// A test for every golden.
macro_rules! agrees {
    ($($name:ident: $golden:literal, $spec:literal, $variant:literal;)*) => {$(
        #[test]
        fn $name() {
            check($golden, $spec, $variant);
        }
    )*};
}

agrees! {
    b0_symmetric: "efficientnet_b0", "efficientnet", "b0";
    b0_same: "tf_efficientnet_b0", "efficientnet", "b0";
    lite0_same: "tf_efficientnet_lite0", "lite", "lite0";
    b1_symmetric: "efficientnet_b1", "efficientnet", "b1";
    b1_same: "tf_efficientnet_b1", "efficientnet", "b1";
    b2_symmetric: "efficientnet_b2", "efficientnet", "b2";
    b2_same: "tf_efficientnet_b2", "efficientnet", "b2";
    b4_symmetric: "efficientnet_b4", "efficientnet", "b4";
    b4_same: "tf_efficientnet_b4", "efficientnet", "b4";
    b3_symmetric: "efficientnet_b3", "efficientnet", "b3";
    b3_same: "tf_efficientnet_b3", "efficientnet", "b3";
    b5_symmetric: "efficientnet_b5", "efficientnet", "b5";
    b5_same: "tf_efficientnet_b5", "efficientnet", "b5";
    b5_torchvision: "torchvision_efficientnet_b5", "efficientnet", "b5";
    b6_symmetric: "efficientnet_b6", "efficientnet", "b6";
    b6_same: "tf_efficientnet_b6", "efficientnet", "b6";
    b7_symmetric: "efficientnet_b7", "efficientnet", "b7";
    b7_same: "tf_efficientnet_b7", "efficientnet", "b7";
}

/// The message about a fault begins where the fault lies, not where it was noticed.
#[test]
fn the_first_block_that_differs_is_named() {
    let golden = Golden::read("efficientnet_b0");
    let case = &golden.cases[0];
    let isa = Isa::available()[0];
    for (tensor, place) in [
        ("conv_stem.weight", "blocks.0.0"),
        ("blocks.3.1.conv_pw.weight", "blocks.3.1"),
        ("conv_head.weight", "no tap differs"),
        ("classifier.weight", "no tap differs"),
    ] {
        let checkpoint = doubled(&golden.checkpoint(), tensor);
        let model = model(&golden, case, "efficientnet", "b0", &checkpoint, isa);
        let message = difference(&model, case).expect("another network");
        let expected = format!("; first difference: {place}");
        assert!(message.contains(&expected), "{tensor}: {message}");
    }
}

/// A copy of a checkpoint with one tensor's values doubled.
fn doubled(checkpoint: &Checkpoint, name: &str) -> Checkpoint {
    assert!(checkpoint.tensor(name).is_some(), "there is {name}");
    let (mut header, mut values) = (serde_json::Map::new(), Vec::new());
    for tensor in checkpoint.tensors() {
        let factor = if tensor.name() == name { 2.0 } else { 1.0 };
        let begin = values.len();
        for value in tensor.to_f32().expect("floats") {
            values.extend((factor * value).to_le_bytes());
        }
        let offsets = [begin, values.len()];
        let entry = json!({ "dtype": "F32", "shape": tensor.shape(), "data_offsets": offsets });
        header.insert(tensor.name().to_owned(), entry);
    }
    let header = Value::Object(header).to_string();
    let length = (header.len() as u64).to_le_bytes();
    let bytes = [&length[..], header.as_bytes(), &values].concat();
    Checkpoint::from_bytes(bytes, format!("{name} doubled")).expect("a valid checkpoint")
}

fn check(golden: &str, spec: &str, variant: &str) {
    let golden = Golden::read(golden);
    let checkpoint = golden.checkpoint();
    for isa in Isa::available() {
        for case in &golden.cases {
            let model = model(&golden, case, spec, variant, &checkpoint, isa);
            if let Some(difference) = difference(&model, case) {
                panic!("{isa}: {difference}");
            }
        }
    }
}

/// The network of a golden for one of its images.
fn model(
    golden: &Golden,
    case: &Case,
    spec: &str,
    variant: &str,
    checkpoint: &Checkpoint,
    isa: Isa,
) -> Interpreter {
    let load = LoadOptions {
        batch_norm_epsilon: Some(golden.bn_eps),
        isa: Some(isa),
        ..LoadOptions::default()
    };
    let resolution = Resolution {
        height: case.image.height,
        width: case.image.width,
    };
    let options = Options {
        resolution: Some(resolution),
        padding: golden.padding(),
        ..Options::default()
    };
    let plan = compiled(spec, variant, &options).plan;
    Interpreter::new(plan, checkpoint, &load).expect("the synthetic checkpoint fits")
}

/// How the logits of a case differ from the reference's, if they do, and where that begins.
fn difference(model: &Interpreter, case: &Case) -> Option<String> {
    let mut first_fault = None;
    let mut tapped = 0;
    let mut workspace = model.workspace();
    let logits = model.forward_observed(&case.image.pixels(), &mut workspace, |call, output| {
        if let Some(tap) = case.taps.iter().find(|tap| is_at(call, &tap.at)) {
            tapped += 1;
            let fault = compare(tap, &output.values());
            first_fault = first_fault.take().or(fault);
        }
    });
    // The maps of stem and head are inside fused kernels.
    let inside = |tap: &&Tap| ["stem", "head"].contains(&tap.at.as_str());
    assert_eq!(
        tapped,
        case.taps.len() - case.taps.iter().filter(inside).count(),
        "every other tap of the reference has its call"
    );
    let error = relative_error(logits.first(), &case.logits);
    let fault = first_fault.unwrap_or_else(|| "no tap differs".to_owned());
    let differs = error >= 1e-4;
    differs.then(|| format!("relative error {error:e}; first difference: {fault}"))
}

/// Whether a call's result is what the reference tapped at a place.
fn is_at(call: &Call, at: &str) -> bool {
    match call.place.part {
        Part::Block { block, index, .. } => {
            call.name.ends_with("project_conv") && at == format!("blocks.{}.{index}", block - 1)
        }
        Part::Stem | Part::Final => false,
    }
}

/// What is different in a feature map (NHWC), if anything is.
fn compare(tap: &Tap, output: &[f32]) -> Option<String> {
    let [_, channels, height, width] = tap.shape;
    assert_eq!(
        output.len(),
        channels * height * width,
        "shape at {}",
        tap.at
    );
    let count = output.len() as f64;
    let mean = output.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let mean_abs = output.iter().map(|&x| f64::from(x.abs())).sum::<f64>() / count;
    let planes = |i: usize| output[i % (height * width) * channels + i / (height * width)];
    let last4: Vec<f32> = (output.len() - 4..output.len()).map(planes).collect();
    let allowed = 1e-4 * tap.mean_abs.max(1e-3);
    let far = |found: f64, expected: f64| (found - expected).abs() > allowed;
    let lasts = last4.iter().zip(&tap.last4);
    let differs = far(mean, tap.mean)
        || far(mean_abs, tap.mean_abs)
        || lasts
            .into_iter()
            .any(|(&f, &e)| (f - e).abs() > 1e-4 * (tap.mean_abs as f32 + e.abs()));
    differs.then(|| {
        format!(
            "{}: mean {mean} ({}), mean of absolute values {mean_abs} ({}), last values {last4:?} ({:?})",
            tap.at, tap.mean, tap.mean_abs, tap.last4
        )
    })
}
