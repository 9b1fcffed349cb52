//! Models that give features and feature maps: timm's values, and nothing computed that is not asked for.

mod common;

use std::fs;
use std::path::Path;

use common::{Golden, compiled, compiled_for, relative_error, weights};
use efficientnet::Model;
use efficientnet::codegen::plan::Plan;
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::weights::{LoadError, LoadOptions};
use efficientnet::spec::{Options, Output, Padding, Resolution};
use serde::Deserialize;

/// A file of `tests/goldens` that `outputs.py` wrote.
#[derive(Deserialize)]
struct Reference {
    bn_eps: f64,
    image: common::Image,
    backbone_parameters: u64,
    features: Vec<f32>,
    maps: Vec<ReferenceMap>,
}

/// A feature map of timm's `features_only`.
#[derive(Deserialize)]
struct ReferenceMap {
    name: String,
    stride: usize,
    /// NHWC, without the batch.
    shape: [usize; 3],
    every_13th: Vec<f32>,
}

fn reference(model: &str) -> Reference {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join(format!("tests/goldens/outputs_{model}.json"));
    let text = fs::read_to_string(path).expect("the golden is committed");
    serde_json::from_str(&text).expect("the golden is valid")
}

/// Size of the reference's image.
const SIZE: Resolution = Resolution {
    height: 93,
    width: 70,
};

fn options(padding: Padding) -> Options {
    Options {
        resolution: Some(SIZE),
        padding,
        ..Options::default()
    }
}

/// What timm calls `features_only`, and what its classifier reads.
const BACKBONE: [Output; 6] = [
    Output::Block(1),
    Output::Block(2),
    Output::Block(3),
    Output::Block(5),
    Output::Block(7),
    Output::Features,
];

fn plan(outputs: &[Output]) -> Plan {
    compiled_for("efficientnet", "b0", &Options::default(), outputs).plan
}

#[test]
fn maps_and_features_are_timms() {
    for (golden, padding) in [
        ("efficientnet_b0", Padding::Symmetric),
        ("tf_efficientnet_b0", Padding::Same),
    ] {
        let reference = reference(golden);
        let checkpoint = Golden::read(golden).checkpoint();
        let plan = compiled_for("efficientnet", "b0", &options(padding), &BACKBONE).plan;
        for isa in Isa::available() {
            let load = LoadOptions {
                batch_norm_epsilon: Some(reference.bn_eps),
                isa: Some(isa),
                ..LoadOptions::default()
            };
            let model = Interpreter::new(plan.clone(), &checkpoint, &load).expect("it fits");
            let mut workspace = model.workspace();
            let outputs = model.forward(&reference.image.pixels(), &mut workspace);
            for (map, (output, values)) in reference.maps.iter().zip(outputs.iter()) {
                let shape = output.shape;
                assert_eq!(output.name.to_string(), map.name);
                assert_eq!([shape.height, shape.width, shape.channels], map.shape);
                assert_eq!(shape.height, SIZE.height.div_ceil(map.stride));
                let found: Vec<f32> = values.iter().step_by(13).copied().collect();
                let error = relative_error(&found, &map.every_13th);
                assert!(error < 1e-4, "{golden} {}, {isa}: {error:e}", map.name);
            }
            let features = outputs.get(Output::Features).expect("asked for");
            let error = relative_error(features, &reference.features);
            assert!(error < 1e-4, "{golden} features, {isa}: {error:e}");
        }
    }
}

/// timm's backbone ends in block 7 too.
#[test]
fn costs_are_of_what_is_computed() {
    let parameters = reference("efficientnet_b0").backbone_parameters;
    assert_eq!(plan(&BACKBONE[..5]).parameters, parameters);
    assert_eq!(plan(&[Output::Block(7)]).parameters, parameters);
    let macs = |output| plan(&[output]).macs;
    let logits = macs(Output::Logits);
    assert_eq!(logits - macs(Output::Features), 1280 * 1000);
    assert_eq!(macs(Output::Stem), 112 * 112 * 32 * 27);
}

/// Each earlier output leaves out calls, weights and memory.
#[test]
fn only_what_is_asked_for_is_computed() {
    let architecture_order = [
        Output::Stem,
        Output::Block(1),
        Output::Block(2),
        Output::Block(3),
        Output::Block(4),
        Output::Block(5),
        Output::Block(6),
        Output::Block(7),
        Output::Head,
        Output::Features,
        Output::Logits,
    ];
    let plans = architecture_order.map(|output| plan(&[output]));
    let calls: Vec<usize> = plans.iter().map(|plan| plan.calls.len()).collect();
    // The stem by itself, or 3 calls in each of the 16 sub-blocks, the first of which makes the stem's map;
    // then the head with or without pooling, and the classifier.
    assert_eq!(calls, [1, 3, 9, 15, 24, 33, 45, 48, 49, 49, 50]);
    for pair in plans.windows(2) {
        let [less, more] = pair else { continue };
        assert!(less.arena <= more.arena);
        assert!(less.unused.len() >= more.unused.len());
        // An output inside a fused kernel ends in a kernel of its own.
        let inside = matches!(less.outputs[0].name, Output::Stem | Output::Head);
        let count = less.calls.len() - usize::from(inside);
        let names = |plan: &Plan| -> Vec<String> {
            let calls = plan.calls.iter().take(count);
            calls.map(|call| call.name.clone()).collect()
        };
        assert_eq!(names(less), names(more));
    }
    let all = plans[10].layers().len();
    for plan in &plans {
        assert_eq!(plan.layers().len() + plan.unused.len(), all);
    }
    assert_eq!(plans[0].buffers.len(), 2, "the image and the stem's map");
    assert_eq!(plans[0].arena, 112 * 112 * 32);
    // Several outputs need what the last of them needs.
    let both = plan(&[Output::Block(2), Output::Stem]);
    assert_eq!(both.calls.len(), 10);
    assert_eq!(both.macs, plans[2].macs);
}

/// Each output of a plan of all outputs, against a plan of it alone: the same but for the order in which
/// pixels are summed, which is another where an output keeps a map from being fused away.
#[test]
fn outputs_do_not_disturb_each_other() {
    let compiled = compiled("efficientnet", "b0", &options(Padding::Same));
    let checkpoint = weights(&compiled);
    let image = common::image(2, SIZE.height, SIZE.width);
    let run = |outputs: &[Output]| {
        let plan = compiled_for("efficientnet", "b0", &options(Padding::Same), outputs).plan;
        let load = LoadOptions::default();
        let model = Interpreter::new(plan, &checkpoint, &load).expect("it fits");
        let mut workspace = model.workspace();
        let found = model.forward(&image, &mut workspace);
        found
            .iter()
            .map(|(output, values)| (output.name, values.to_vec()))
            .collect::<Vec<_>>()
    };
    let all = [
        &[
            Output::Logits,
            Output::Head,
            Output::Stem,
            Output::Block(4),
            Output::Block(6),
        ],
        &BACKBONE[..],
    ]
    .concat();
    let together = run(&all);
    assert_eq!(together.len(), all.len());
    for (name, values) in together {
        let alone = run(&[name]);
        assert_eq!(alone[0].0, name);
        let error = relative_error(&values, &alone[0].1);
        assert!(error < 1e-5, "{name}: {error:e}");
    }
}

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    resolution = [93, 70],
    outputs = ["block1", "block2", "block3", "block5", "block7", "features"]
)]
struct Backbone;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    resolution = [93, 70],
    outputs = ["logits", "head", "stem", "features"]
)]
struct Ends;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    resolution = [93, 70],
    outputs = "block3"
)]
struct Stride8;

#[efficientnet::model(
    spec = "lite",
    variant = "lite0",
    resolution = [93, 70],
    padding = "same",
    outputs = ["features"]
)]
struct LiteFeatures;

/// Runs a model and the interpreter on the weights of the whole network, for every instruction set.
fn agree<M: Model>(
    (spec, variant, padding): (&str, &str, Padding),
    forward: impl Fn(&M, &[f32]) -> Vec<Vec<f32>>,
) {
    let whole = compiled(spec, variant, &options(padding));
    let checkpoint = weights(&whole);
    let names: Vec<_> = M::OUTPUTS.iter().map(|output| output.name).collect();
    let outputs: Vec<_> = BACKBONE
        .into_iter()
        .chain([Output::Logits, Output::Head, Output::Stem])
        .collect();
    let asked: Vec<Output> = names
        .iter()
        .filter_map(|name| outputs.iter().find(|output| output.to_string() == *name))
        .copied()
        .collect();
    let plan = compiled_for(spec, variant, &options(padding), &asked).plan;
    assert_eq!((M::PARAMETERS, M::MACS), (plan.parameters, plan.macs));
    let image = common::image(7, SIZE.height, SIZE.width);
    for isa in Isa::available() {
        let load = LoadOptions {
            batch_norm_epsilon: None,
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let model = M::from_checkpoint(&checkpoint, &load).expect("the whole network's fits");
        let interpreter = Interpreter::new(plan.clone(), &checkpoint, &load).expect("it fits");
        let mut workspace = interpreter.workspace();
        let expected = interpreter.forward(&image, &mut workspace);
        let found = forward(&model, &image);
        assert_eq!(found.len(), M::OUTPUTS.len());
        for ((output, expected), (found, shape)) in
            expected.iter().zip(found.iter().zip(M::OUTPUTS))
        {
            assert_eq!(output.name.to_string(), shape.name);
            assert_eq!(found.len(), shape.height * shape.width * shape.channels);
            assert!(expected.iter().any(|&x| x != expected[0] && x.is_finite()));
            let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(found), bits(expected), "{} with {isa}", shape.name);
        }
    }
}

/// The outputs of a model, by the names of its struct's fields.
macro_rules! forward {
    ($model:ty: $($field:ident),*) => {
        |model: &$model, image: &[f32]| {
            let mut workspace = <$model>::workspace();
            let image = image.try_into().expect("the length of the image");
            let outputs = model.forward(image, &mut workspace);
            vec![$(outputs.$field.to_vec()),*]
        }
    };
    ($model:ty) => {
        |model: &$model, image: &[f32]| {
            let mut workspace = <$model>::workspace();
            let image = image.try_into().expect("the length of the image");
            vec![model.forward(image, &mut workspace).to_vec()]
        }
    };
}

#[test]
fn macro_and_interpreter_agree_bit_for_bit() {
    let b0 = ("efficientnet", "b0", Padding::Symmetric);
    agree::<Backbone>(
        b0,
        forward!(Backbone: block1, block2, block3, block5, block7, features),
    );
    agree::<Ends>(b0, forward!(Ends: logits, head, stem, features));
    agree::<Stride8>(b0, forward!(Stride8));
    let lite0 = ("lite", "lite0", Padding::Same);
    agree::<LiteFeatures>(lite0, forward!(LiteFeatures));
}

#[test]
fn outputs_have_types_of_their_own() {
    assert_eq!(Stride8::CLASSES, 0);
    assert_eq!(Ends::CLASSES, 1000);
    let map: Option<<Stride8 as Model>::Output<'_>> = None::<&[f32; 12 * 9 * 40]>;
    assert!(map.is_none());
    const { assert!(Stride8::WORKSPACE_BYTES < Ends::WORKSPACE_BYTES) };
    assert!(Ends::UNUSED_LAYERS.is_empty());
    assert_eq!(
        Stride8::LAYERS.len() + Stride8::UNUSED_LAYERS.len(),
        Ends::LAYERS.len()
    );
}

/// A checkpoint of the tensors that a predicate takes.
fn part(checkpoint: &Checkpoint, keep: impl Fn(&str) -> bool) -> Checkpoint {
    let kept = checkpoint.tensors().filter(|tensor| keep(tensor.name()));
    let named: Vec<_> = kept
        .map(|tensor| (tensor.name().to_owned(), tensor.shape().to_vec()))
        .collect();
    efficientnet::runtime::synthetic::checkpoint(&named, 0).expect("valid")
}

fn message(result: Result<Stride8, LoadError>) -> String {
    match result {
        Ok(_) => panic!("it loads"),
        Err(error) => error.to_string(),
    }
}

/// The tensors of layers that are not computed may be there, in part, in other shapes, or not at all.
#[test]
fn unused_layers_are_of_no_account() {
    let whole = weights(&compiled("efficientnet", "b0", &Options::default()));
    let load =
        |checkpoint: &Checkpoint| Stride8::from_checkpoint(checkpoint, &LoadOptions::default());
    load(&whole).expect("the whole network's");
    load(&part(&whole, |name| !name.starts_with("blocks.4."))).expect("without block 5");
    let backbone = |name: &str| {
        let first = ["conv_stem.", "bn1.", "blocks.0.", "blocks.1.", "blocks.2."];
        first.iter().any(|begin| name.starts_with(begin))
    };
    load(&part(&whole, backbone)).expect("nothing else");
    let few = Options {
        classes: Some(7),
        ..Options::default()
    };
    load(&weights(&compiled("efficientnet", "b0", &few))).expect("other classes");
    let less = message(load(&part(&whole, |name| name != "blocks.2.1.bn1.bias")));
    assert!(less.contains("blocks.2.1.bn1.bias"), "{less}");
}

/// B1 has every tensor of B0's first blocks in the same shape, and sub-blocks that B0 does not have.
#[test]
fn another_variants_checkpoint_is_refused() {
    let b1 = weights(&compiled("efficientnet", "b1", &Options::default()));
    let message = message(Stride8::from_checkpoint(&b1, &LoadOptions::default()));
    for part in ["unexpected", "blocks.0.1.bn1.bias"] {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
    assert!(!message.contains("missing"), "{message}");
}
