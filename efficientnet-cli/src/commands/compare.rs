//! `compare`: what differs between two variants, and what does not.

mod document;
mod picture;
mod print;
mod stage;
mod statements;

use efficientnet::codegen::plan::Precision;
use std::io::Write;
use std::process::ExitCode;

use efficientnet::spec::{Architecture, LayerGraph};

use super::counts::{self, Counts};
use super::picture::Target;
use crate::arguments::Compare;
use crate::draw::layout_side_by_side;
use crate::failure::Failure;
use crate::network;
use stage::{ASPECTS, TRAINING, Trait, WHOLE};

pub(super) use stage::{Stage, stages};

pub(crate) fn run(arguments: &Compare, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let spec = arguments.spec.as_deref();
    let second = arguments.spec_b.as_deref().or(spec);
    let target = arguments
        .output
        .as_deref()
        .map(|path| Target::drawn(path, arguments.theme, [spec, second]));
    let target = target.transpose()?;
    let comparison = Comparison::of(
        Side::of(spec, &arguments.first)?,
        Side::of(second, &arguments.second)?,
    );
    if let Some((target, format)) = target {
        let picture = comparison.picture();
        let scene = layout_side_by_side(&picture);
        target.draw(format, &scene, picture.leaves(), ".svg or .html")?;
    }
    match arguments.json {
        true => writeln!(out, "{:#}", comparison.document())?,
        false => comparison.print(out)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One of two variants.
struct Side {
    architecture: Architecture,
    graph: LayerGraph,
    stages: Vec<Stage>,
    counts: Counts,
    workspace: usize,
}

impl Side {
    fn of(spec: Option<&str>, variant: &str) -> Result<Self, Failure> {
        let spec = network::spec(spec, variant)?;
        let architecture = counts::architecture(&spec, variant)?;
        Ok(Self {
            graph: counts::graph(&architecture)?,
            stages: stage::stages(&architecture),
            counts: Counts::of(&architecture)?,
            workspace: network::compile(&architecture, Precision::F32)?
                .plan
                .workspace_bytes(),
            architecture,
        })
    }

    fn sub_blocks(&self) -> usize {
        self.architecture.sub_blocks()
    }
}

/// A stage of one side or both, and what differs in it.
struct Pair {
    name: String,
    /// Numbers in the sides' lists of stages.
    stages: [Option<usize>; 2],
    /// Names of the aspects that differ, where both sides have the stage.
    different: Vec<&'static str>,
}

/// Two variants, stage by stage.
struct Comparison {
    sides: [Side; 2],
    /// How the two are called, apart.
    names: [String; 2],
    pairs: Vec<Pair>,
    /// Names of the whole networks' traits that differ.
    different: Vec<&'static str>,
    /// The same of traits that matter while training alone.
    training: Vec<&'static str>,
}

impl Comparison {
    fn of(first: Side, second: Side) -> Self {
        let sides = [first, second];
        let [a, b] = sides.each_ref().map(|side| &side.architecture);
        let differ = |traits: &[Trait]| -> Vec<&'static str> {
            let differ = |it: &&Trait| (it.value)(a) != (it.value)(b);
            traits.iter().filter(differ).map(|it| it.name).collect()
        };
        let apart = a.variant != b.variant || a.family == b.family;
        let names = [a, b].map(|side| match apart {
            true => side.variant.clone(),
            false => format!("{} {}", side.family, side.variant),
        });
        Self {
            names,
            different: differ(WHOLE),
            training: differ(TRAINING),
            pairs: pairs(&sides[0].stages, &sides[1].stages),
            sides,
        }
    }

    /// Stages that both have.
    fn shared(&self) -> impl Iterator<Item = (&Pair, [&Stage; 2])> {
        self.pairs.iter().filter_map(|pair| {
            let [Some(a), Some(b)] = pair.stages else {
                return None;
            };
            Some((pair, [&self.sides[0].stages[a], &self.sides[1].stages[b]]))
        })
    }

    /// What differs in a stage, in words; nothing where both have the same.
    fn differences(&self, pair: &Pair) -> Vec<String> {
        let only = |side: usize| vec![format!("only in {}", self.names[side])];
        match pair.stages {
            [Some(_), Some(_)] => pair.different.iter().map(|&name| name.to_owned()).collect(),
            [Some(_), None] => only(0),
            [None, _] => only(1),
        }
    }

    /// Names of everything in what inference computes that differs, or that does not.
    fn aspects(&self, differ: bool) -> Vec<&'static str> {
        let of_stages = ASPECTS.iter().map(|aspect| aspect.name).filter(|name| {
            let differs = self.pairs.iter().any(|pair| pair.different.contains(name));
            differs == differ
        });
        let of_whole = WHOLE.iter().map(|it| it.name);
        let of_whole = of_whole.filter(|name| self.different.contains(name) == differ);
        of_stages.chain(of_whole).collect()
    }

    /// Whether both are one network, layer by layer, while training, too.
    fn is_equal(&self) -> bool {
        self.aspects(true).is_empty() && self.training.is_empty()
    }
}

/// Stems, blocks by their numbers, and heads.
fn pairs(a: &[Stage], b: &[Stage]) -> Vec<Pair> {
    let longer = if a.len() > b.len() { a } else { b };
    let find = |stages: &[Stage], name: &str| stages.iter().position(|stage| stage.name == name);
    let pair = |name: &String| {
        let stages = [find(a, name), find(b, name)];
        let different = match stages {
            [Some(first), Some(second)] => stage::differences(&a[first], &b[second]),
            _ => Vec::new(),
        };
        Pair {
            name: name.clone(),
            stages,
            different,
        }
    };
    longer.iter().map(|stage| pair(&stage.name)).collect()
}
