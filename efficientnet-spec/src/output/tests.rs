use super::*;
use crate::{LayerGraph, Options, Spec, Top, bundled};

fn b0() -> Architecture {
    let spec = Spec::parse(bundled("efficientnet").unwrap(), "efficientnet").unwrap();
    spec.architecture("b0", &Options::default()).unwrap()
}

#[test]
fn every_output_has_its_name() {
    let architecture = b0();
    let names: Vec<String> = architecture
        .outputs()
        .iter()
        .map(Output::to_string)
        .collect();
    assert_eq!(
        names.join(" "),
        "stem block1 block2 block3 block4 block5 block6 block7 head features logits"
    );
    for output in architecture.outputs() {
        assert_eq!(architecture.output(&output.to_string()), Ok(output));
    }
}

#[test]
fn unknown_names_get_the_known_ones() {
    let architecture = b0();
    let message = |name| architecture.output(name).unwrap_err().to_string();
    let known = "stem, block1, block2, block3, block4, block5, block6, block7, head, features, \
                 logits";
    assert_eq!(
        message("feature"),
        format!("there is no output `feature`, expected one of {known}; did you mean `features`?")
    );
    assert_eq!(
        message("pyramid"),
        format!("there is no output `pyramid`, expected one of {known}")
    );
    for wrong in ["block0", "block8", "block01", "Block1", "block", ""] {
        assert!(message(wrong).starts_with(&format!("there is no output `{wrong}`")));
    }
}

#[test]
fn lists_name_each_output_once() {
    let architecture = b0();
    let message = |outputs: &[Output]| architecture.check_outputs(outputs).unwrap_err().to_string();
    assert_eq!(architecture.check_outputs(&architecture.outputs()), Ok(()));
    assert_eq!(message(&[]), "no output is asked for; name at least one");
    assert_eq!(
        message(&[Output::Block(2), Output::Stem, Output::Block(2)]),
        "output `block2` is asked for twice; remove one of them"
    );
    assert!(message(&[Output::Block(8)]).starts_with("there is no output `block8`"));
}

/// The paper's table 1 for B0: resolution and channels behind each stage; the strides of the blocks
/// that the pyramid takes.
#[test]
fn outputs_are_the_ends_of_the_papers_stages() {
    let graph = LayerGraph::build(&b0(), Top::With).unwrap();
    let expected = [
        ("stem_activation", vec![112, 112, 32]),
        ("block1a_project_bn", vec![112, 112, 16]),
        ("block2b_add", vec![56, 56, 24]),
        ("block3b_add", vec![28, 28, 40]),
        ("block4c_add", vec![14, 14, 80]),
        ("block5c_add", vec![14, 14, 112]),
        ("block6d_add", vec![7, 7, 192]),
        ("block7a_project_bn", vec![7, 7, 320]),
        ("top_activation", vec![7, 7, 1280]),
        ("avg_pool", vec![1280]),
        ("predictions", vec![1000]),
    ];
    for (output, (name, extents)) in b0().outputs().into_iter().zip(expected) {
        let layer = graph.layer(graph.output(output).unwrap());
        assert_eq!(
            (layer.name.as_str(), layer.output.extents()),
            (name, extents)
        );
    }
    for (block, stride) in [(1, 2), (2, 4), (3, 8), (5, 16), (7, 32)] {
        let layer = graph.layer(graph.output(Output::Block(block)).unwrap());
        assert_eq!(layer.output.size(), (224 / stride, 224 / stride));
    }
}

/// Without top there is neither pooling nor classifier, with Keras's `include_top=False` as here.
#[test]
fn the_graph_without_top_ends_in_the_head() {
    let graph = LayerGraph::build(&b0(), Top::Without).unwrap();
    let has = |output| graph.output(output).is_some();
    assert!(has(Output::Stem) && has(Output::Block(7)) && has(Output::Head));
    assert!(!has(Output::Features) && !has(Output::Logits));
}

/// Counts of a model that ends early are of the layers that reach its outputs. timm's
/// `efficientnet_b0` has 1,281,000 parameters in its classifier, and 4,007,548 without it.
#[test]
fn needed_layers_are_those_that_reach_an_output() {
    let graph = LayerGraph::build(&b0(), Top::With).unwrap();
    let id = |output| graph.output(output).unwrap();
    let parameters = |outputs: &[Output]| -> u64 {
        let ends: Vec<_> = outputs.iter().map(|output| id(*output)).collect();
        let needed = graph.needed(&ends);
        needed
            .iter()
            .map(|id| graph.trainable_parameters(*id))
            .sum()
    };
    assert_eq!(graph.needed(&[id(Output::Logits)]).len(), graph.len());
    assert_eq!(parameters(&[Output::Logits]), 5_288_548);
    assert_eq!(parameters(&[Output::Features]), 4_007_548);
    assert_eq!(parameters(&[Output::Head]), 4_007_548);
    // Convolution 3x3x3x32 and batch norm.
    assert_eq!(parameters(&[Output::Stem]), 864 + 64);
    assert_eq!(
        parameters(&[Output::Stem, Output::Block(3)]),
        parameters(&[Output::Block(3)])
    );
    assert!(graph.needed(&[]).is_empty());
}

#[test]
fn a_bypassed_layer_hands_its_output_on() {
    let mut graph = LayerGraph::build(&b0(), Top::With).unwrap();
    let end = graph.output(Output::Stem).unwrap();
    let before = graph.inputs(end)[0];
    graph.bypass(end).unwrap();
    assert_eq!(graph.output(Output::Stem), Some(before));
}
