//! Which calls there are, by outputs and precision.

use efficientnet_spec::{LayerOp, Options, Output, Spec, bundled};

use super::{compile, compile_unfused};
use crate::fixture;
use crate::plan::{Kernel, Plan, Precision};

/// Name, kernel, and precision of what is read and written, a line a call.
fn calls(plan: &Plan) -> String {
    let lines = plan.calls.iter().map(|call| {
        let [input, output] = [call.input, call.output].map(|id| plan.buffer(id).precision);
        format!("{} {} {input} {output}", call.name, call.kernel.name())
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn quantized(outputs: &[Output]) -> String {
    let compiled = compile(&fixture::quantizable(), outputs, Precision::Int8);
    calls(&compiled.expect("the fixture can be int8").plan)
}

/// As many products as the layers have, each in a call of its own, which stores what it makes.
#[test]
fn unfused_plans_store_every_activation() {
    let spec = Spec::parse(bundled("lite").expect("bundled"), "lite").expect("valid");
    let architecture = spec.architecture("lite0", &Options::default());
    let architecture = architecture.expect("it exists");
    let compiled = compile_unfused(&architecture, &[Output::Logits]).expect("it is valid");
    assert_eq!(compiled.plan.verify(), Ok(()));
    assert_eq!(compiled.plan.precision, Precision::F32);
    let mut products = 0;
    for call in &compiled.plan.calls {
        match call.kernel {
            Kernel::Stem { .. }
            | Kernel::Pointwise { .. }
            | Kernel::Depthwise { .. }
            | Kernel::Dense { .. } => products += 1,
            Kernel::Mean { .. } => {}
            ref other => panic!("{} is a {}", call.name, other.name()),
        }
    }
    let layers = compiled.layers.layers();
    let is_product = |op: &LayerOp| {
        matches!(
            op,
            LayerOp::Convolution(_) | LayerOp::Depthwise(_) | LayerOp::Dense { .. }
        )
    };
    assert_eq!(products, layers.filter(|(_, l)| is_product(&l.op)).count());
    assert_eq!(products, compiled.plan.calls.len() - 1, "and the mean");
}

#[test]
fn codes_from_the_image_to_the_classifier() {
    insta::assert_snapshot!(quantized(&[Output::Logits]), @r"
    input quantize f32 int8
    block1a_dwconv stem_depthwise int8 int8
    block1a_project_conv pointwise int8 int8
    block2a_dwconv expand_depthwise int8 int8
    block2a_project_conv pointwise int8 int8
    block2b_dwconv expand_depthwise int8 int8
    block2b_project_conv pointwise int8 int8
    avg_pool pooled_pointwise int8 int8
    predictions dense int8 f32
    ");
}

/// Beside the way: the next block reads the codes.
#[test]
fn a_map_of_codes_is_dequantised_for_the_caller() {
    insta::assert_snapshot!(quantized(&[Output::Block(1), Output::Logits]), @r"
    input quantize f32 int8
    block1a_dwconv stem_depthwise int8 int8
    block1a_project_conv pointwise int8 int8
    block1a_project_conv.f32 dequantize int8 f32
    block2a_dwconv expand_depthwise int8 int8
    block2a_project_conv pointwise int8 int8
    block2b_dwconv expand_depthwise int8 int8
    block2b_project_conv pointwise int8 int8
    avg_pool pooled_pointwise int8 int8
    predictions dense int8 f32
    ");
}

/// The mean is of floats, and codes again for the classifier.
#[test]
fn a_head_that_is_a_result_is_averaged_in_floats() {
    let outputs = [Output::Head, Output::Features, Output::Logits];
    insta::assert_snapshot!(quantized(&outputs), @r"
    input quantize f32 int8
    block1a_dwconv stem_depthwise int8 int8
    block1a_project_conv pointwise int8 int8
    block2a_dwconv expand_depthwise int8 int8
    block2a_project_conv pointwise int8 int8
    block2b_dwconv expand_depthwise int8 int8
    block2b_project_conv pointwise int8 int8
    top_conv pointwise int8 int8
    top_conv.f32 dequantize int8 f32
    avg_pool mean f32 f32
    avg_pool.int8 quantize f32 int8
    predictions dense int8 f32
    ");
}

/// The stem's map is stored, so that block 1 has a depthwise of codes; there is no classifier to quantise for.
#[test]
fn a_stem_that_is_a_result_is_stored() {
    insta::assert_snapshot!(quantized(&[Output::Stem, Output::Features]), @r"
    input quantize f32 int8
    stem_conv stem_convolution int8 int8
    stem_conv.f32 dequantize int8 f32
    block1a_dwconv depthwise int8 int8
    block1a_project_conv pointwise int8 int8
    block2a_dwconv expand_depthwise int8 int8
    block2a_project_conv pointwise int8 int8
    block2b_dwconv expand_depthwise int8 int8
    block2b_project_conv pointwise int8 int8
    avg_pool pooled_pointwise int8 int8
    avg_pool.f32 dequantize int8 f32
    ");
}
