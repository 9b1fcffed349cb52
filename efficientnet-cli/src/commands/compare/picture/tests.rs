//! Pictures of pairs: what they show, held against the layer graphs, and that they can be read.

use std::sync::LazyLock;

use efficientnet::spec::{LayerGraph, Part};
use roxmltree::Document;

use super::super::{ASPECTS, Comparison, Side};
use super::*;
use crate::draw::colour::Role;
use crate::draw::scene::{Area, Element, PartKind, Scene, Style};
use crate::draw::svg::{self, Use};
use crate::draw::tests::{boxes, check_legibility};
use crate::draw::{Theme, html, layout_side_by_side};

const PAIRS: [[&str; 2]; 8] = [
    ["b0", "b1"],
    ["b1", "b2"],
    ["b0", "b7"],
    ["b7", "b0"],
    ["b0", "b0"],
    ["b0", "lite0"],
    ["b0", "v2_s"],
    ["mobilenetv3_small_100", "mobilenetv3_large_100"],
];

fn comparison([a, b]: [&str; 2]) -> Comparison {
    let side = |variant| Side::of(None, variant).expect("a bundled variant");
    Comparison::of(side(a), side(b))
}

/// The pairs, each computed once.
fn comparisons() -> &'static [(Comparison, SideBySide, Scene)] {
    static ALL: LazyLock<Vec<(Comparison, SideBySide, Scene)>> = LazyLock::new(|| {
        let of = |pair| {
            let comparison = comparison(pair);
            let picture = comparison.picture();
            let scene = layout_side_by_side(&picture);
            (comparison, picture, scene)
        };
        PAIRS.into_iter().map(of).collect()
    });
    &ALL
}

/// What is drawn inside each box, in order, without its frame.
fn insides(scene: &Scene) -> Vec<Vec<&Element>> {
    fn inside(element: &Element) -> Option<Vec<&Element>> {
        match element {
            Element::Part(part) if matches!(part.kind, PartKind::Leaf { .. }) => {
                Some(part.elements.iter().skip(1).collect())
            }
            _ => None,
        }
    }
    scene.flat().into_iter().filter_map(inside).collect()
}

/// Outlined rectangles: the bars or the image of a box.
fn figures(inside: &[&Element]) -> Vec<(Role, Area)> {
    let figure = |element: &&Element| match element {
        Element::Rectangle(shape) if shape.outline.is_some() => Some((shape.fill, shape.area)),
        _ => None,
    };
    inside.iter().filter_map(figure).collect()
}

/// Sub-blocks of a stage, counted in the layer graph.
fn sub_blocks(graph: &LayerGraph, stage: usize) -> usize {
    let index = |part: Part| match part {
        Part::Block { block, index, .. } if block == stage => Some(index + 1),
        _ => None,
    };
    let parts = graph.layers().map(|(_, layer)| layer.place.part);
    parts.filter_map(index).max().unwrap_or(1)
}

#[test]
fn whatever_differs_is_said() {
    let said = LINES.iter().copied().flatten().map(|it| it.aspect);
    let mut said: Vec<&str> = said.collect();
    let mut aspects: Vec<&str> = ASPECTS.iter().map(|aspect| aspect.name).collect();
    said.sort_unstable();
    aspects.sort_unstable();
    assert_eq!(said, aspects);
}

#[test]
fn texts_stay_in_their_boxes_and_do_not_meet() {
    for (_, _, scene) in comparisons() {
        check_legibility(scene);
        // As wide as high at least half, so that a page holds it.
        let ratio = scene.height / scene.width;
        assert!((0.5..2.0).contains(&ratio), "{}: {ratio}", scene.title);
    }
}

#[test]
fn stages_of_both_stand_in_one_row() {
    for (comparison, picture, scene) in comparisons() {
        let frames = boxes(scene);
        assert_eq!(frames.len(), picture.leaves().count());
        let mut frames = frames.into_iter();
        for row in &picture.rows {
            let sides = row.sides.iter().flatten().count();
            let tops: Vec<f64> = frames.by_ref().take(sides).map(|area| area.y).collect();
            assert!(tops.iter().all(|top| *top == tops[0]), "{}", row.title);
        }
        let rows = comparison.sides.each_ref().map(|side| side.stages.len());
        assert_eq!(picture.rows.len(), 1 + rows[0].max(rows[1]));
    }
}

/// A bar each, as many as the layer graph has; none of what both have is called different, and the other
/// way round.
#[test]
fn every_sub_block_is_a_bar() {
    for (comparison, picture, scene) in comparisons() {
        let insides = insides(scene);
        let mut insides = insides.iter();
        for (number, row) in picture.rows.iter().enumerate() {
            let counts = [0, 1].map(|index| {
                let graph = &comparison.sides[index].graph;
                let side = row.sides[index].as_ref()?;
                // Behind input and stem, before the final layers.
                let is_block = side.leaf.name.contains("Block");
                Some(if is_block {
                    sub_blocks(graph, number - 1)
                } else {
                    1
                })
            });
            for (index, count) in counts.into_iter().enumerate() {
                let Some(count) = count else { continue };
                let bars = figures(insides.next().expect("a box"));
                let mut tops: Vec<f64> = bars.iter().map(|(_, area)| area.y).collect();
                tops.dedup();
                assert_eq!(tops.len(), count, "{} {}", scene.title, row.title);
                let shared = bars.iter().filter(|(role, _)| *role == Role::Shared);
                let other = counts[1 - index].unwrap_or(0);
                assert_eq!(shared.count(), count.min(other), "{}", row.title);
            }
        }
    }
}

#[test]
fn bars_are_as_long_as_roots_of_channels() {
    let (comparison, picture, scene) = &comparisons()[2];
    let length = |inside: Vec<&Element>| {
        let bars = figures(&inside).into_iter();
        bars.map(|(_, bar)| bar.width).fold(0.0, f64::max)
    };
    let lengths: Vec<f64> = insides(scene).into_iter().map(length).collect();
    // Behind both inputs, side by side.
    let scale = lengths[2] / 32.0_f64.sqrt();
    for (stage, pair) in lengths[2..].chunks(2).enumerate() {
        for (side, length) in comparison.sides.iter().zip(pair) {
            let expected = scale * (side.stages[stage].channels as f64).sqrt();
            assert!((length - expected).abs() < 1e-6, "{stage}: {length}");
        }
    }
    assert_eq!(lengths.len(), 2 * picture.rows.len());
}

/// By colour and by weight, and with a sign in the middle.
#[test]
fn what_differs_is_marked_and_the_same_is_not() {
    for (_, picture, scene) in comparisons() {
        let insides = insides(scene);
        let mut insides = insides.iter();
        for row in &picture.rows {
            for _ in row.sides.iter().flatten() {
                let inside = insides.next().expect("a box");
                let texts = inside.iter().filter_map(|element| match element {
                    Element::Text(text) => Some(text),
                    _ => None,
                });
                let strong = texts.filter(|text| text.weight == Style::HEADING.weight);
                let strong: Vec<Role> = strong.map(|text| text.role).collect();
                assert_eq!(strong.is_empty(), row.different.is_empty(), "{}", row.title);
                assert!(strong.iter().all(|role| *role == Role::Differs));
            }
        }
        let written = |sign: &str| {
            let elements = scene.flat().into_iter();
            let texts = elements.filter(|element| match element {
                Element::Text(text) => text.text.starts_with(sign),
                _ => false,
            });
            texts.count()
        };
        let differ = picture.rows.iter().filter(|row| !row.different.is_empty());
        let traits = picture.traits.iter().filter(|it| it.differs);
        assert_eq!(written("\u{2260} "), differ.count() + traits.count());
    }
}

/// The flow runs past a stage that a variant does not have.
#[test]
fn arrows_are_as_many_as_boxes() {
    for (_, picture, scene) in comparisons() {
        let elements = scene.flat().into_iter();
        let arrows = elements.filter(|element| matches!(element, Element::Line(_)));
        assert_eq!(arrows.count(), picture.leaves().count(), "{}", scene.title);
    }
}

#[test]
fn pictures_are_xml_and_say_what_follows() {
    for (comparison, picture, scene) in comparisons() {
        for what in [Use::File, Use::Raster(Theme::Dark)] {
            let text = svg::write(scene, what);
            let document = Document::parse(&text).expect("XML");
            let of = |tag: &str| {
                let node = document.descendants().find(|node| node.has_tag_name(tag));
                node.and_then(|node| node.text())
                    .expect("a text")
                    .to_owned()
            };
            assert_eq!(of("title"), picture.title);
            assert_eq!(of("desc"), comparison.statements().join(" "));
        }
        let page = html::write(scene, picture.leaves());
        assert_eq!(page.matches("data-leaf=").count(), picture.leaves().count());
    }
}
