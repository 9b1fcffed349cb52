//! The comparison as a picture.

use super::print::TOTALS;
use super::{Comparison, Pair, Stage, TRAINING, WHOLE};
use crate::draw::side_by_side::{Figure, Phrase, Row, Side, SideBySide, Trait};
use crate::draw::{Diagram, Extents, Leaf};
use crate::text::{short, wrapped};

/// Characters of a line in a box at most, where there are words to break at.
const LINE: usize = 26;

/// Traits of the whole networks that the input's shape shows.
const INPUT: [&str; 2] = ["resolution", "input channels"];

/// What a picture says of an aspect of a stage.
struct Said {
    aspect: &'static str,
    /// Whether it is said even where it does not differ.
    is_always: bool,
    /// Nothing where it goes without saying.
    brief: fn(&Stage) -> String,
    /// Where the brief words are the same, but not all that is behind them.
    full: fn(&Stage) -> String,
}

/// What is said, line by line.
const LINES: [&[Said]; 6] = [
    &[
        Said::always("repeats", repeats),
        Said::always("kind", |stage| stage.kind.to_owned()),
        Said {
            full: |stage| format!("{} {}", ratios(stage), stage.expansion),
            ..Said::always("expansion", ratios)
        },
    ],
    &[
        Said::always("kernel", |stage| format!("{0}x{0}", stage.kernel)),
        Said::always("stride", |stage| format!("stride {}", stage.stride)),
    ],
    &[Said::always("channels", |stage| {
        format!("{} channels", stage.channels)
    })],
    &[Said {
        full: |stage| format!("squeeze-excite {}", stage.squeeze),
        ..Said::if_different("squeeze", |stage| {
            with_or_without("squeeze-excite", !stage.squeeze.is_empty())
        })
    }],
    &[Said::if_different("activation", |stage| {
        stage.activation.to_owned()
    })],
    &[Said::if_different("shortcut", |stage| {
        with_or_without("shortcuts", stage.shortcut)
    })],
];

impl Said {
    /// Something that is said of every stage that has it.
    const fn always(aspect: &'static str, text: fn(&Stage) -> String) -> Self {
        Self {
            aspect,
            is_always: true,
            brief: text,
            full: text,
        }
    }

    /// Something that goes without saying where it is the same.
    const fn if_different(aspect: &'static str, text: fn(&Stage) -> String) -> Self {
        Self {
            is_always: false,
            ..Self::always(aspect, text)
        }
    }
}

fn repeats(stage: &Stage) -> String {
    match is_block(stage) {
        true => format!("{} x", stage.repeats),
        false => String::new(),
    }
}

fn with_or_without(what: &str, has: bool) -> String {
    match has {
        true => what.to_owned(),
        false => format!("no {what}"),
    }
}

fn is_block(stage: &Stage) -> bool {
    stage.name.starts_with("block")
}

/// Such as `expand 6`.
fn ratios(stage: &Stage) -> String {
    let ratios: Vec<String> = stage.ratios.iter().map(|ratio| short(*ratio)).collect();
    match ratios.is_empty() {
        true => String::new(),
        false => format!("expand {}", ratios.join(", ")),
    }
}

impl Comparison {
    /// Both variants beside each other.
    pub(super) fn picture(&self) -> SideBySide {
        let leaves = self.sides.each_ref().map(|side| {
            let diagram = Diagram::blocks(&side.architecture, &side.graph);
            diagram.leaves().cloned().collect::<Vec<_>>()
        });
        let stages = self.pairs.iter().map(|pair| self.stage_row(pair, &leaves));
        let [a, b] = &self.names;
        SideBySide {
            title: format!("{a} and {b}, stage by stage"),
            statements: self.statements(),
            names: self.names.clone(),
            rows: [self.input_row()].into_iter().chain(stages).collect(),
            traits: self.traits(),
        }
    }

    fn stage_row(&self, pair: &Pair, leaves: &[Vec<Leaf>; 2]) -> Row {
        let side = |index: usize| {
            let number = pair.stages[index]?;
            let stage = &self.sides[index].stages[number];
            let other = pair.stages[1 - index].map(|number| &self.sides[1 - index].stages[number]);
            let lines = LINES
                .iter()
                .flat_map(|said| line(said, stage, other, &pair.different));
            let figure = Figure::SubBlocks {
                count: stage.repeats,
                channels: stage.channels,
            };
            // Blocks of the diagram are those of the architecture, as stages are.
            let leaf = leaves[index].get(number)?.clone();
            Some(self.side(index, leaf, lines.collect(), figure))
        };
        let sides = [side(0), side(1)];
        let named = leaves.iter().zip(pair.stages);
        let mut named = named.filter_map(|(leaves, number)| leaves.get(number?));
        Row {
            title: named
                .next()
                .map_or_else(|| pair.name.clone(), |leaf| leaf.name.clone()),
            sides,
            different: self.differences(pair),
        }
    }

    /// What both take.
    fn input_row(&self) -> Row {
        let differs = |name: &&str| self.different.contains(name);
        let different = INPUT.into_iter();
        let different: Vec<&str> = different.filter(differs).collect();
        let phrase = |text: String, name: &str| Phrase {
            text,
            differs: different.contains(&name),
        };
        let side = |index: usize| {
            let input = self.sides[index].architecture.input;
            let (height, width) = input.size();
            let lines = vec![
                vec![phrase(format!("{height} x {width} pixels"), INPUT[0])],
                vec![phrase(format!("{} channels", input.channels()), INPUT[1])],
            ];
            let leaf = Leaf::without_layers("Input", Extents::from(input));
            Some(self.side(index, leaf, lines, Figure::Image { height, width }))
        };
        Row {
            title: "Input".to_owned(),
            sides: [side(0), side(1)],
            different: different.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// A box, under the name of its variant.
    fn side(&self, index: usize, mut leaf: Leaf, lines: Vec<Vec<Phrase>>, figure: Figure) -> Side {
        let text = |line: &Vec<Phrase>| {
            let phrases: Vec<&str> = line.iter().map(|phrase| phrase.text.as_str()).collect();
            phrases.join(" ")
        };
        leaf.name = format!("{} {}", self.names[index], leaf.name);
        leaf.lines = lines.iter().map(text).collect();
        Side {
            leaf,
            lines,
            figure,
        }
    }

    /// Traits that differ and no row shows, and what the variants cost.
    fn traits(&self) -> Vec<Trait> {
        let architectures = self.sides.each_ref().map(|side| &side.architecture);
        let differ = WHOLE.iter().chain(TRAINING).filter(|it| {
            let differs = self.different.contains(&it.name) || self.training.contains(&it.name);
            differs && !INPUT.contains(&it.name)
        });
        let differ = differ.map(|it| Trait {
            name: it.name,
            values: architectures.map(it.value),
            ratio: None,
            differs: true,
        });
        let totals = TOTALS.iter().map(|total| {
            let [a, b] = self.sides.each_ref().map(total.count);
            Trait {
                name: total.name,
                values: [a, b].map(total.text),
                ratio: Some(b as f64 / a as f64),
                differs: a != b,
            }
        });
        differ.chain(totals).collect()
    }
}

/// A line of a stage; `other` is the other variant's, `different` what differs between the two.
fn line(
    said: &[Said],
    stage: &Stage,
    other: Option<&Stage>,
    different: &[&str],
) -> Vec<Vec<Phrase>> {
    let phrase = |said: &Said| {
        let differs = other.is_none() || different.contains(&said.aspect);
        let brief = (said.brief)(stage);
        let text = match other.filter(|_| differs) {
            None if !said.is_always => String::new(),
            Some(other) if (said.brief)(other) == brief => (said.full)(stage),
            None | Some(_) => brief,
        };
        (!text.is_empty()).then_some(Phrase { text, differs })
    };
    broken(said.iter().filter_map(phrase).collect())
}

/// Words in lines that are not too long: a phrase by itself between words, several between them.
fn broken(phrases: Vec<Phrase>) -> Vec<Vec<Phrase>> {
    let mut lines: Vec<Vec<Phrase>> = Vec::new();
    let mut length = 0;
    for phrase in phrases {
        for text in wrapped(&phrase.text, LINE).lines() {
            let differs = phrase.differs;
            let piece = Phrase {
                text: text.to_owned(),
                differs,
            };
            match lines.last_mut() {
                Some(line) if length + 1 + text.len() <= LINE => line.push(piece),
                _ => {
                    lines.push(vec![piece]);
                    length = 0;
                }
            }
            length += 1 + text.len();
        }
    }
    lines
}

#[cfg(test)]
mod tests;
