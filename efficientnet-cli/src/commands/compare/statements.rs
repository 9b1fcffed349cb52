//! What a comparison comes to, in sentences.

use super::{Comparison, stage::Stage};
use crate::text::list;

/// A number of every stage.
type Number = fn(&Stage) -> usize;

impl Comparison {
    /// All that can be said, each a computed truth.
    pub(super) fn statements(&self) -> Vec<String> {
        let [a, b] = &self.names;
        if self.is_equal() {
            return vec![format!(
                "{a} and {b} do not differ: the same {} layers, one by one.",
                self.sides[0].graph.len()
            )];
        }
        let mut statements = vec![self.different_statement(), self.equal_statement()];
        statements.extend(self.blocks());
        statements.extend(self.kinds());
        statements.extend(self.sub_blocks());
        statements.extend(self.numbers("Channels", ["widen", "narrow"], |stage| stage.channels));
        statements.extend(self.numbers("Kernels", ["grow", "shrink"], |stage| stage.kernel));
        statements.extend(self.training());
        statements
    }

    fn different_statement(&self) -> String {
        let aspects = self.aspects(true);
        let verb = if aspects.len() == 1 {
            "differs"
        } else {
            "differ"
        };
        match aspects.is_empty() {
            true => "Nothing differs in what inference computes.".to_owned(),
            false => capitalised(&format!(
                "{} alone {verb} in what inference computes.",
                list(&aspects)
            )),
        }
    }

    fn equal_statement(&self) -> String {
        let (aspects, shared) = (self.aspects(false), self.shared().count());
        let which = match shared == self.pairs.len() {
            true => "everywhere".to_owned(),
            false => format!("in the {shared} stages that both have"),
        };
        match aspects.is_empty() {
            true => format!("Nothing is the same {which}."),
            false => format!("The same {which}: {}.", list(&aspects)),
        }
    }

    fn blocks(&self) -> Option<String> {
        let [a, b] = self
            .sides
            .each_ref()
            .map(|side| side.architecture.blocks.len());
        let [first, second] = &self.names;
        (a != b).then(|| format!("{first} has {a} blocks, {second} {b}."))
    }

    /// Which blocks are of other kinds.
    fn kinds(&self) -> Option<String> {
        let kinds = self.shared().filter(|(_, [a, b])| a.kind != b.kind);
        let kinds: Vec<String> = kinds
            .map(|(pair, [a, b])| format!("{} {} and {}", pair.name, a.kind, b.kind))
            .collect();
        let [a, b] = &self.names;
        (!kinds.is_empty()).then(|| {
            format!(
                "Kinds of block differ between {a} and {b}: {}.",
                kinds.join(", ")
            )
        })
    }

    fn sub_blocks(&self) -> Option<String> {
        let [a, b] = self.sides.each_ref().map(super::Side::sub_blocks);
        let differ = self.shared().any(|(_, [a, b])| a.repeats != b.repeats);
        let [first, second] = &self.names;
        let verb = match b.cmp(&a) {
            std::cmp::Ordering::Greater => "multiply",
            std::cmp::Ordering::Less => "become fewer",
            std::cmp::Ordering::Equal if differ => "are as many, but stand elsewhere",
            std::cmp::Ordering::Equal => return None,
        };
        Some(format!(
            "Sub-blocks {verb}: {a} in {first}, {b} in {second}."
        ))
    }

    /// How a number of the stages changes; how it stays.
    fn numbers(&self, what: &str, [more, less]: [&str; 2], number: Number) -> Option<String> {
        let pairs: Vec<_> = self
            .shared()
            .map(|(_, stages)| stages.map(number))
            .collect();
        let count =
            |holds: fn(&[usize; 2]) -> bool| pairs.iter().filter(|pair| holds(pair)).count();
        let (up, down) = (count(|[a, b]| b > a), count(|[a, b]| b < a));
        let all = pairs.len();
        let ratios = pairs.iter().filter(|[a, b]| a != b);
        let ratios = ratios.map(|&[a, b]| b as f64 / a as f64);
        let (least, most) = ratios.fold((f64::INFINITY, 0.0_f64), |(least, most), ratio| {
            (least.min(ratio), most.max(ratio))
        });
        let range = match least == most {
            true => format!("{least:.2} times"),
            false => format!("{least:.2} to {most:.2} times"),
        };
        Some(match (up, down) {
            (0, 0) => format!("{what} stay as they are in all {all} stages."),
            (up, 0) => format!("{what} {more} in {up} of {all} stages, {range}."),
            (0, down) => format!("{what} {less} in {down} of {all} stages, {range}."),
            (up, down) => {
                format!("{what} {more} in {up} and {less} in {down} of {all} stages, {range}.")
            }
        })
    }

    /// What differs while training alone.
    fn training(&self) -> Option<String> {
        let [a, b] = self.sides.each_ref().map(|side| &side.architecture);
        let values = super::TRAINING
            .iter()
            .filter(|it| self.training.contains(&it.name));
        let values: Vec<String> = values
            .map(|it| format!("{} {} and {}", it.name, (it.value)(a), (it.value)(b)))
            .collect();
        (!values.is_empty()).then(|| format!("While training alone: {}.", list(&values)))
    }
}

/// With a capital letter in front.
fn capitalised(sentence: &str) -> String {
    let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}
