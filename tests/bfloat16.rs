//! bfloat16: near to timm's logits in f32, the same whoever computes, and results in floats.

mod common;

use common::{Golden, compiled_for, compiled_in, image, relative_error, weights};
use efficientnet::codegen::plan::{Buffer, Kernel, Plan, Precision};
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::runtime::{Isa, Model, Threads, kernels};
use efficientnet::spec::{BUNDLED, Options, Output, Resolution, Spec};

#[efficientnet::model(spec = "efficientnet", variant = "b0", precision = "bf16")]
struct Narrow;

#[efficientnet::model(
    spec = "lite",
    variant = "lite0",
    precision = "bf16",
    resolution = [64, 96],
    outputs = ["block3", "logits"],
)]
struct Maps;

/// Error allowed, of the largest logit.
const ALLOWED: f32 = 0.03;

fn near(golden: &str, spec: &str, variant: &str) {
    let golden = Golden::read(golden);
    let checkpoint = golden.checkpoint();
    for isa in Isa::available() {
        for case in &golden.cases {
            let load = LoadOptions {
                batch_norm_epsilon: Some(golden.bn_eps),
                isa: Some(isa),
                ..LoadOptions::default()
            };
            let options = Options {
                resolution: Some(Resolution {
                    height: case.image.height,
                    width: case.image.width,
                }),
                padding: golden.padding(),
                ..Options::default()
            };
            let plan =
                compiled_in(Precision::Bf16, spec, variant, &options, &[Output::Logits]).plan;
            let model = Interpreter::new(plan, &checkpoint, &load).expect("the checkpoint fits");
            let mut workspace = model.workspace();
            let logits = model.forward(&case.image.pixels(), &mut workspace).first();
            let error = relative_error(logits, &case.logits);
            assert!(error < ALLOWED, "{variant} {isa}: {error}");
            // What rounds nothing is no bfloat16.
            assert!(error > 1e-5, "{variant} {isa}: {error}");
        }
    }
}

#[test]
fn b0_is_near_its_reference() {
    near("efficientnet_b0", "efficientnet", "b0");
    near("tf_efficientnet_b0", "efficientnet", "b0");
}

#[test]
fn lite0_is_near_its_reference() {
    near("tf_efficientnet_lite0", "lite", "lite0");
}

#[test]
fn b4_is_near_its_reference() {
    near("efficientnet_b4", "efficientnet", "b4");
}

#[test]
fn b7_is_near_its_reference() {
    near("efficientnet_b7", "efficientnet", "b7");
}

/// The macro's code, the interpreter, and any number of threads.
#[test]
fn everybody_computes_the_same_bits() {
    assert_eq!(Narrow::PRECISION, kernels::Precision::Bf16);
    let compiled = compiled_in(
        Precision::Bf16,
        "efficientnet",
        "b0",
        &Options::default(),
        &[Output::Logits],
    );
    let checkpoint = weights(&compiled);
    let image = image(3, 224, 224);
    let model = Narrow::from_checkpoint(&checkpoint, &LoadOptions::default()).expect("it fits");
    let mut workspace = Narrow::workspace();
    let pixels: &[f32; 224 * 224 * 3] = image.as_slice().try_into().expect("an image");
    let logits = *model.forward(pixels, &mut workspace);
    let interpreter = Interpreter::new(compiled.plan, &checkpoint, &LoadOptions::default());
    let interpreter = interpreter.expect("it fits");
    for threads in 1..=4 {
        let threads = Threads::new(threads).expect("threads");
        let mut workspace = interpreter.workspace_with(&threads);
        let found = interpreter.forward(&image, &mut workspace).first();
        assert_eq!(found, logits, "{threads:?}");
    }
}

/// A result is the rounded map that the next kernel reads, and asking for it changes nothing.
#[test]
fn results_are_floats() {
    let options = Options {
        resolution: Some(Resolution {
            height: 64,
            width: 96,
        }),
        ..Options::default()
    };
    let outputs = [Output::Block(3), Output::Logits];
    let compiled = compiled_in(Precision::Bf16, "lite", "lite0", &options, &outputs);
    let checkpoint = weights(&compiled);
    let image = image(4, 64, 96);
    let load = LoadOptions::default();
    let model = Maps::from_checkpoint(&checkpoint, &load).expect("it fits");
    let mut workspace = Maps::workspace();
    let pixels: &[f32; 64 * 96 * 3] = image.as_slice().try_into().expect("an image");
    let found = model.forward(pixels, &mut workspace);
    for &value in found.block3 {
        assert_eq!(kernels::Bf16::from_f32(value).to_f32(), value);
    }
    let alone = compiled_in(Precision::Bf16, "lite", "lite0", &options, &outputs[1..]).plan;
    let alone = Interpreter::new(alone, &checkpoint, &load).expect("it fits");
    let mut workspace = alone.workspace();
    assert_eq!(alone.forward(&image, &mut workspace).first(), found.logits);
}

/// Floats of a plan's maps, and of its weights.
fn sizes(plan: &Plan) -> [usize; 2] {
    let weights = plan.calls.iter().map(|call| call.weights_bytes());
    [
        plan.buffers.iter().skip(1).map(Buffer::floats).sum(),
        weights.sum(),
    ]
}

#[test]
fn everything_but_vectors_and_windows_is_half_as_large() {
    let (options, logits) = (Options::default(), [Output::Logits]);
    for variant in ["b0", "b7"] {
        let narrow = compiled_in(Precision::Bf16, "efficientnet", variant, &options, &logits).plan;
        let wide = compiled_for("efficientnet", variant, &options, &logits).plan;
        // Block 1's sub-blocks begin with a depthwise, which reads floats.
        let windowed: Vec<_> = narrow
            .calls
            .iter()
            .filter(|call| matches!(call.kernel, Kernel::Depthwise { .. }))
            .map(|call| call.input)
            .collect();
        for call in &narrow.calls {
            let is_map = matches!(
                call.kernel,
                Kernel::Pointwise { .. } | Kernel::Depthwise { .. } | Kernel::DepthFirst { .. }
            );
            let expected = is_map && !windowed.contains(&call.output);
            let narrow = narrow.buffer(call.output).precision == Precision::Bf16;
            assert_eq!(narrow, expected, "{}", call.name);
        }
        let ([maps, weights], [wide_maps, wide_weights]) = (sizes(&narrow), sizes(&wide));
        assert!(maps * 100 < wide_maps * 55, "{maps} of {wide_maps}");
        assert!(
            weights * 100 < wide_weights * 52,
            "{weights} of {wide_weights}"
        );
    }
}

/// Families with dense convolutions of inner maps, which are f32, mix both.
#[test]
fn every_bundled_variant_compiles() {
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).expect("a bundled spec");
        for variant in spec.variants.iter() {
            let variant = variant.name.to_string();
            let outputs = [Output::Logits, Output::Block(1)];
            let options = Options::default();
            let plan = compiled_in(Precision::Bf16, name, &variant, &options, &outputs).plan;
            let narrow = plan
                .buffers
                .iter()
                .filter(|b| b.precision == Precision::Bf16);
            assert!(narrow.count() > 10, "{variant}");
        }
    }
}
