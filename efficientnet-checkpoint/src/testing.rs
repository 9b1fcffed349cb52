//! What several tests need.

use std::collections::BTreeMap;

use efficientnet_spec::{LayerGraph, Options, Spec, Top, bundled};

use crate::dtype::Dtype;
use crate::entry::Entry;
use crate::source::Source;
use crate::{Checkpoint, Expected, Format, Mismatch};

/// All tensors of a variant of a bundled spec.
pub(crate) fn network(family: &str, variant: &str) -> Vec<Expected> {
    let spec = Spec::parse(bundled(family).unwrap(), family).unwrap();
    let architecture = spec.architecture(variant, &Options::default()).unwrap();
    let graph = LayerGraph::build(&architecture, Top::With).unwrap();
    let tensors = graph.all_tensors().into_iter();
    tensors
        .map(|tensor| Expected::needed(tensor.name, tensor.shape))
        .collect()
}

/// Names and shapes of a table of one tensor a line: name, tab, `[2, 3]`.
pub(crate) fn rows(table: &str) -> Vec<(String, Vec<usize>)> {
    let shape = |text: &str| {
        let numbers = text.trim_matches(['[', ']']).split(", ");
        let numbers = numbers.filter(|number| !number.is_empty());
        numbers.map(|number| number.parse().unwrap()).collect()
    };
    let lines = table.lines().filter_map(|line| line.split_once('\t'));
    lines
        .filter(|(_, text)| text.starts_with('['))
        .map(|(name, text)| (name.to_owned(), shape(text)))
        .collect()
}

/// A checkpoint of float32 tensors of these names and shapes, without values.
pub(crate) fn of_shapes<'a>(
    tensors: impl IntoIterator<Item = (&'a str, &'a [usize])>,
) -> Checkpoint {
    let tensors = tensors.into_iter().map(|(name, shape)| {
        let entry = Entry::contiguous(Dtype::F32, shape.to_vec(), Source::from(Vec::new()));
        (name.to_owned(), entry)
    });
    checkpoint(tensors.collect())
}

/// A checkpoint of float32 tensors: name, shape, values.
pub(crate) fn of_values(tensors: &[(&str, &[usize], &[f32])]) -> Checkpoint {
    let tensors = tensors.iter().map(|(name, shape, values)| {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let entry = Entry::contiguous(Dtype::F32, shape.to_vec(), Source::from(bytes));
        (name.to_string(), entry)
    });
    checkpoint(tensors.collect())
}

fn checkpoint(tensors: BTreeMap<String, Entry>) -> Checkpoint {
    Checkpoint {
        file: "odd.file".to_owned(),
        format: Format::Safetensors,
        tensors,
        keras: None,
    }
}

/// How a checkpoint differs from a network.
pub(crate) fn mismatch(checkpoint: &Checkpoint, expected: &[Expected]) -> Mismatch {
    match checkpoint.select(expected) {
        Err(crate::CheckpointError::Mismatch(mismatch)) => *mismatch,
        Err(error) => panic!("expected a mismatch, found {error}"),
        Ok(_) => panic!("expected a mismatch, found none"),
    }
}
