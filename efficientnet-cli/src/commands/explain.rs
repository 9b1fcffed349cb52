//! `explain`: from the coefficients to a variant's numbers, every rounding shown.

mod document;
mod print;
mod words;

use std::io::Write;
use std::process::ExitCode;

use efficientnet::spec::{
    Architecture, Block, BlockKind, Derivation, ExpandedChannels, Factors, LayerGraph, LayerOp,
    Output, ScaledChannels, ScaledRepeats, Shape, Spec, SqueezeWidth, Variant, label,
};

use super::counts::{self, Counts};
use crate::arguments::Explain;
use crate::failure::Failure;
use crate::network;

pub(super) use words::{kind, kind_explained};

pub(crate) fn run(arguments: &Explain, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let name = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), name)?;
    let explained = Explained::of(&spec, name)?;
    match arguments.json {
        true => writeln!(out, "{:#}", explained.document())?,
        false => explained.print(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Stem, block or head.
struct Stage {
    output: Output,
    channels: ScaledChannels,
    /// Of a block.
    repeats: Option<ScaledRepeats>,
    shape: Shape,
}

/// One sub-block.
struct SubBlock {
    /// Keras's label, such as `2a`.
    label: String,
    /// Number of its block, from 1.
    block: usize,
    kind: BlockKind,
    kernel: usize,
    stride: usize,
    input: usize,
    expansion: Option<ExpandedChannels>,
    squeeze: Option<SqueezeWidth>,
    channels: usize,
    /// Whether its input is added to its output.
    shortcut: bool,
    /// Rate of stochastic depth, where there is a branch to leave out.
    drop_rate: Option<f64>,
}

impl SubBlock {
    fn of(block: &Block, number: usize, index: usize, graph: &LayerGraph) -> Self {
        let (label, input) = (label(number, index), block.input_of(index));
        let expansion = block.expansion_of(index);
        let map = expansion.map_or(input, |expanded| expanded.channels);
        let squeeze = block.squeeze_excite.as_ref();
        let drop = graph.find(&format!("block{label}_drop"));
        let drop_rate = drop.and_then(|id| match graph.layer(id).op {
            LayerOp::Dropout { rate } => Some(rate),
            _ => None,
        });
        Self {
            block: number,
            kind: block.kind,
            kernel: block.kernel,
            stride: block.stride_of(index),
            input,
            expansion,
            squeeze: squeeze.map(|squeeze| squeeze.width_of(input, map)),
            channels: block.out_channels,
            shortcut: graph.find(&format!("block{label}_add")).is_some(),
            drop_rate,
            label,
        }
    }
}

/// A variant, and everything that explains it.
struct Explained<'s> {
    spec: &'s Spec,
    variant: &'s Variant,
    architecture: Architecture,
    stages: Vec<Stage>,
    sub_blocks: Vec<SubBlock>,
    counts: Counts,
    /// Where the spec has a baseline.
    baseline: Option<(&'s Variant, Counts)>,
}

impl<'s> Explained<'s> {
    /// Builds a variant and its baseline.
    ///
    /// # Errors
    /// A variant that the spec does not have; sizes out of bounds.
    fn of(spec: &'s Spec, name: &str) -> Result<Self, Failure> {
        let architecture = counts::architecture(spec, name)?;
        let variant = spec.variant(name).ok_or_else(|| {
            Failure::Program(format!("variant `{name}` was built, but is not there"))
        })?;
        let graph = counts::graph(&architecture)?;
        let baseline = spec.baseline().map(|baseline| {
            let architecture = counts::architecture(spec, baseline.name.as_str())?;
            Ok::<_, Failure>((baseline, Counts::of(&architecture)?))
        });
        Ok(Self {
            spec,
            variant,
            stages: stages(spec.derivation(variant), &graph),
            sub_blocks: sub_blocks(&architecture, &graph),
            counts: Counts::of(&architecture)?,
            baseline: baseline.transpose()?,
            architecture,
        })
    }

    /// What the baseline's sizes are multiplied by, where there is a baseline.
    fn factors(&self) -> Option<Factors> {
        let (baseline, _) = self.baseline.as_ref()?;
        Some(self.variant.factors(baseline))
    }

    fn is_baseline(&self) -> bool {
        let baseline = self.baseline.as_ref();
        baseline.is_some_and(|(baseline, _)| baseline.name == self.variant.name)
    }
}

fn stages(derivation: Derivation, graph: &LayerGraph) -> Vec<Stage> {
    let Derivation { stem, blocks, head } = derivation;
    // A head behind the pooling has no map.
    let last = match graph.output(Output::Head) {
        Some(_) => Output::Head,
        None => Output::Features,
    };
    let blocks = blocks.into_iter().enumerate();
    let blocks = blocks
        .map(|(index, (channels, repeats))| (Output::Block(index + 1), channels, Some(repeats)));
    let all = [(Output::Stem, stem, None)].into_iter().chain(blocks);
    all.chain([(last, head, None)])
        .filter_map(|(output, channels, repeats)| {
            Some(Stage {
                output,
                channels,
                repeats,
                shape: graph.layer(graph.output(output)?).output,
            })
        })
        .collect()
}

fn sub_blocks(architecture: &Architecture, graph: &LayerGraph) -> Vec<SubBlock> {
    let blocks = architecture.blocks.iter().enumerate();
    blocks
        .flat_map(|(number, block)| {
            (0..block.repeats).map(move |index| SubBlock::of(block, number + 1, index, graph))
        })
        .collect()
}
