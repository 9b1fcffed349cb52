//! One network of a random spec: variant, options, outputs.

use std::fmt;

use efficientnet::spec::{
    Architecture, LayerGraph, Options, Output, Padding, Resolution, Spec, Top,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::spec;

/// A spec and what is made of it.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) yaml: String,
    /// Which of its variants.
    variant: Index,
    pub(crate) options: Options,
    /// A bit an output, from the stem on.
    chosen: u32,
    /// Whether they are asked for from the logits on.
    reversed: bool,
}

/// As a person replays it.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { yaml, options, .. } = self;
        match Spec::parse(yaml, "random.yaml") {
            Ok(spec) => {
                let name = &spec.variants[self.variant.index(spec.variants.len())].name;
                let outputs = spec.architecture(name.as_str(), options);
                let outputs = outputs.map(|architecture| self.outputs(&architecture));
                write!(
                    f,
                    "variant {name}, {options:?}, outputs {outputs:?} of\n{yaml}"
                )
            }
            Err(errors) => write!(f, "{errors}\nin\n{yaml}"),
        }
    }
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    // A pixel, less than a vector, some vectors; more than the caches that cost models assume, where channels are few.
    let side =
        || prop_oneof![2 => Just(1usize), 2 => 2usize..9, 6 => 1usize..41, 2 => 41usize..800];
    let resolution = prop_oneof![
        4 => (side(), side()).prop_map(|(height, width)| Some(Resolution { height, width })),
        1 => Just(None),
    ];
    let options = (
        resolution,
        prop::option::of(1usize..40),
        prop::option::of(1usize..6),
        select(vec![Padding::Symmetric, Padding::Same]),
    );
    let options = options.prop_map(|(resolution, classes, in_channels, padding)| Options {
        resolution,
        classes,
        in_channels,
        padding,
    });
    (
        spec::yaml(),
        any::<Index>(),
        options,
        any::<u32>(),
        any::<bool>(),
    )
        .prop_map(|(yaml, variant, options, chosen, reversed)| Case {
            yaml,
            variant,
            options,
            chosen,
            reversed,
        })
}

impl Case {
    /// The case's variant.
    ///
    /// # Panics
    /// If the spec has none of the name.
    pub(crate) fn architecture(&self, spec: &Spec) -> Architecture {
        let variant = &spec.variants[self.variant.index(spec.variants.len())];
        let architecture = spec.scale(variant, &self.options);
        architecture.expect("a small variant is within all bounds")
    }

    /// Some outputs of the network, at least one.
    pub(crate) fn outputs(&self, architecture: &Architecture) -> Vec<Output> {
        let mut outputs = architecture.outputs();
        let mut bits = (0..).map(|bit| self.chosen >> bit & 1 == 1);
        outputs.retain(|_| bits.next() == Some(true));
        if outputs.is_empty() {
            outputs.push(Output::Logits);
        }
        if self.reversed {
            outputs.reverse();
        }
        outputs
    }

    /// The same with an input of so few pixels that the network has at most `macs` multiply-accumulates;
    /// of one pixel, if none has.
    pub(crate) fn within(mut self, macs: u64) -> Self {
        loop {
            // What cannot be built is the test's to report.
            let Some((layers, [height, width])) = self.layers() else {
                return self;
            };
            if layers.total_macs() <= macs || height * width == 1 {
                return self;
            }
            self.options.resolution = Some(match height > width {
                true => Resolution {
                    height: height / 2,
                    width,
                },
                false => Resolution {
                    height,
                    width: width / 2,
                },
            });
        }
    }

    fn layers(&self) -> Option<(LayerGraph, [usize; 2])> {
        let spec = Spec::parse(&self.yaml, "random.yaml").ok()?;
        let variant = &spec.variants[self.variant.index(spec.variants.len())];
        let architecture = spec.scale(variant, &self.options).ok()?;
        let (height, width) = architecture.input.size();
        let layers = LayerGraph::build(&architecture, Top::With).ok()?;
        Some((layers, [height, width]))
    }
}
