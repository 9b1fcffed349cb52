//! One output and several, at every visibility, in a module and in a function's body.

#![deny(missing_docs, warnings)]

use efficientnet::Model as _;

/// A backbone.
#[efficientnet::model(
    spec = "tests/ui/specs/tiny.yaml",
    variant = "t0",
    outputs = ["head", "block1", "stem"],
)]
#[derive(Clone, Debug)]
pub struct Public;

mod inner {
    #[efficientnet::model(
        spec = "tests/ui/specs/tiny.yaml",
        variant = "t1",
        outputs = ["features", "logits"]
    )]
    pub(super) struct Parent;
}

#[efficientnet::model(spec = "tests/ui/specs/tiny.yaml", variant = "t0", outputs = ["stem"])]
struct Private;

fn in_a_body() -> usize {
    #[efficientnet::model(
        spec = "tests/ui/specs/tiny.yaml",
        variant = "t1",
        outputs = ["block1", "features"]
    )]
    struct Local;
    fn both(outputs: &LocalOutputs<'_>) -> usize {
        outputs.block1.len() + outputs.features.len()
    }
    both(&LocalOutputs {
        block1: &[0.0; _],
        features: &[0.0; _],
    })
}

/// An output of a public model is named in public signatures.
pub fn strongest<'w>(outputs: &PublicOutputs<'w>) -> Option<&'w f32> {
    let maps = outputs.stem.iter().chain(outputs.block1);
    maps.chain(outputs.head).max_by(|a, b| a.total_cmp(b))
}

fn sizes(outputs: &inner::ParentOutputs<'_>) -> [usize; 2] {
    [outputs.features.len(), outputs.logits.len()]
}

#[test]
fn outputs_are_arrays_with_names() {
    let names = |outputs: &[efficientnet::runtime::OutputShape]| {
        let names: Vec<_> = outputs.iter().map(|output| output.name).collect();
        names.join(" ")
    };
    assert_eq!(names(Public::OUTPUTS), "head block1 stem");
    assert_eq!(names(Private::OUTPUTS), "stem");
    assert_eq!((Public::CLASSES, Private::CLASSES), (0, 0));
    let [features, logits] = sizes(&inner::ParentOutputs {
        features: &[0.0; _],
        logits: &[0.0; _],
    });
    assert_eq!(logits, inner::Parent::CLASSES);
    assert_eq!(inner::Parent::OUTPUTS[0].channels, features);
    assert!(in_a_body() > features);
    let outputs = PublicOutputs {
        head: &[1.0; _],
        block1: &[2.0; _],
        stem: &[0.0; _],
    };
    assert_eq!(strongest(&outputs), Some(&2.0));
}
