//! Pictures of several families at every level: what they show, and that it can be read.

use efficientnet::codegen::plan::Precision;
use std::collections::BTreeSet;

use efficientnet::codegen;
use efficientnet::spec::{
    Architecture, BUNDLED, LayerGraph, LayerOp, Module, Options, Output, Padding, Spec, SubBlock,
    Top, Variant,
};
use roxmltree::{Document, ParsingOptions};

use super::chart::{Bar, Dot, bars, dots};
use super::colour::{Role, Theme};
use super::diagram::{Diagram, Edge, EdgeKind, Leaf};
use super::scene::{Area, Element, PartKind, Rectangle, Scene, Text};
use super::svg::Use;
use super::{dot, figure, html, layout, png, scaling, svg};

const VARIANTS: [&str; 6] = [
    "b0",
    "b7",
    "lite0",
    "v2_s",
    "mobilenetv3_small_100",
    "semnasnet_100",
];

fn network(variant: &str) -> (Architecture, LayerGraph) {
    let parse = |(name, text)| Spec::parse(text, name).expect("a bundled spec");
    let mut specs = BUNDLED.into_iter().map(parse);
    let spec = specs.find(|spec| spec.variant(variant).is_some());
    let options = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    let architecture = spec.expect("a spec").architecture(variant, &options);
    let architecture = architecture.expect("a variant");
    let graph = LayerGraph::build(&architecture, Top::With).expect("a graph");
    (architecture, graph)
}

fn levels(variant: &str) -> [Diagram; 4] {
    let (architecture, graph) = network(variant);
    let compiled =
        codegen::compile(&architecture, &[Output::Logits], Precision::F32).expect("a plan");
    [
        Diagram::blocks(&architecture, &graph),
        Diagram::modules(&architecture, &graph),
        Diagram::layers(&architecture, &graph),
        Diagram::kernels(&compiled.plan),
    ]
}

fn diagrams() -> impl Iterator<Item = Diagram> {
    VARIANTS.into_iter().flat_map(levels)
}

fn texts(scene: &Scene) -> Vec<&Text> {
    fn text(element: &Element) -> Option<&Text> {
        match element {
            Element::Text(text) => Some(text),
            _ => None,
        }
    }
    scene.flat().into_iter().filter_map(text).collect()
}

/// Frames of the boxes, in order.
pub(crate) fn boxes(scene: &Scene) -> Vec<Area> {
    let frame = |element: &Element| match element {
        Element::Part(part) if matches!(part.kind, PartKind::Leaf { .. }) => {
            part.elements.iter().find_map(|element| match element {
                Element::Rectangle(Rectangle { area, .. }) => Some(*area),
                _ => None,
            })
        }
        _ => None,
    };
    scene.flat().into_iter().filter_map(frame).collect()
}

fn contains(outer: Area, inner: Area) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && outer.right() >= inner.right()
        && outer.bottom() >= inner.bottom()
}

/// Pairs of areas that overlap, found from top to bottom.
fn overlaps(mut areas: Vec<Area>) -> usize {
    areas.sort_by(|a, b| a.y.total_cmp(&b.y));
    let meet = |a: &Area, b: &Area| a.x < b.right() && b.x < a.right();
    let below = |(number, a): (usize, &Area)| {
        let near = areas.iter().skip(number + 1);
        let near = near.take_while(|b| b.y < a.bottom());
        near.filter(|b| meet(a, b)).count()
    };
    areas.iter().enumerate().map(below).sum()
}

/// Every text is in its area and on the page, and no two texts or boxes meet.
pub(crate) fn check_legibility(scene: &Scene) {
    let page = Area {
        x: 0.0,
        y: 0.0,
        width: scene.width,
        height: scene.height,
    };
    let title = &scene.title;
    for text in texts(scene) {
        let (area, within) = (text.area(), text.within);
        assert!(contains(within, area), "{title}: {text:?} takes {area:?}");
        assert!(contains(page, area), "{title}: {text:?} takes {area:?}");
    }
    let areas = texts(scene).into_iter().map(Text::area).collect();
    assert_eq!(overlaps(areas), 0, "{title}");
    assert_eq!(overlaps(boxes(scene)), 0, "{title}");
}

#[test]
fn texts_stay_in_their_boxes_and_do_not_meet() {
    for diagram in diagrams() {
        check_legibility(&layout(&diagram));
    }
}

/// Lines run across and down.
fn assert_lines_pass_texts(scene: &Scene) {
    let lines = scene
        .flat()
        .into_iter()
        .filter_map(|element| match element {
            Element::Line(line) => Some(&line.points),
            _ => None,
        });
    let pieces = lines.flat_map(|points| points.windows(2));
    for piece in pieces {
        let [(x, y), (to_x, to_y)] = [piece[0], piece[1]];
        let area = Area {
            x: x.min(to_x),
            y: y.min(to_y),
            width: (to_x - x).abs(),
            height: (to_y - y).abs(),
        };
        for text in texts(scene) {
            let mut areas = vec![area, text.area()];
            // Lines have no width for `overlaps`.
            areas[0].width += 0.5;
            areas[0].height += 0.5;
            assert_eq!(overlaps(areas), 0, "{}: {text:?}", scene.title);
        }
    }
}

const MODULES: [Module; 5] = [
    Module::One,
    Module::Two,
    Module::Three,
    Module::Four,
    Module::Five,
];

/// What a family has of modules and sub-blocks depends on its blocks; all of it is drawn as in the whole.
#[test]
fn excerpts_are_legible_and_have_the_edges_of_the_whole() {
    for variant in VARIANTS {
        let (architecture, graph) = network(variant);
        let whole = Diagram::modules(&architecture, &graph);
        let modules = MODULES.map(|module| Diagram::module(&graph, module));
        let kinds = [SubBlock::One, SubBlock::Two, SubBlock::Three];
        let sub_blocks = kinds.map(|kind| Diagram::sub_block(&whole, kind));
        let has = |module| {
            let mut layers = graph.layers();
            layers.any(|(_, layer)| layer.place.module == Some(module))
        };
        assert_eq!(modules.each_ref().map(Option::is_some), MODULES.map(has));
        for diagram in modules.iter().chain(&sub_blocks).flatten() {
            let scene = figure(diagram);
            check_legibility(&scene);
            assert_lines_pass_texts(&scene);
            // Each box but the input takes the one before it.
            let leaves = diagram.leaves().count();
            let flow = |edge: &&Edge| edge.from + 1 == edge.to;
            assert!(diagram.edges.iter().filter(flow).count() >= leaves - 1);
            assert!(diagram.edges.iter().all(|edge| edge.to < leaves));
        }
        // Whatever a layer of a module takes is an edge or a line.
        for diagram in modules.iter().flatten() {
            let layers = diagram.leaves().filter_map(|leaf| graph.find(&leaf.name));
            let taken = layers.map(|id| graph.inputs(id).len()).sum::<usize>();
            let lines = diagram.leaves().flat_map(|leaf| &leaf.lines);
            let lines = lines.filter(|line| line.starts_with("with ")).count();
            assert_eq!(diagram.edges.len() + lines, taken, "{}", diagram.title);
        }
        // Only later sub-blocks have shortcuts in these.
        let skips = sub_blocks.each_ref().map(|diagram| {
            let edges = diagram.iter().flat_map(|diagram| &diagram.edges);
            edges.filter(|edge| edge.kind == EdgeKind::Skip).count()
        });
        assert_eq!(skips[1..], [0, 1], "{variant}");
    }
}

#[test]
fn a_family_s_scaling_is_drawn_to_scale() {
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).expect("a bundled spec");
        let graph = |variant: &Variant| network(variant.name.as_str()).1;
        let graphs: Vec<LayerGraph> = spec.variants.iter().map(graph).collect();
        let variants: Vec<_> = spec.variants.iter().zip(&graphs).collect();
        let scene = scaling::picture(name, &variants);
        check_legibility(&scene);
        let drawn = boxes(&scene);
        assert_eq!(drawn.len(), variants.len());
        let unit = drawn[0].width / spec.variants[0].resolution.get() as f64;
        for (square, variant) in drawn.iter().zip(spec.variants.iter()) {
            let side = variant.resolution.get() as f64 * unit;
            assert!((square.width - side).abs() < 1e-9 && (square.height - side).abs() < 1e-9);
        }
        let bars = scene.flat().into_iter().filter(|element| match element {
            Element::Rectangle(shape) => shape.fill == Role::Flow,
            _ => false,
        });
        let sub_blocks = variants.iter().map(|(variant, _)| {
            let (architecture, _) = network(variant.name.as_str());
            architecture.sub_blocks() + 1
        });
        assert_eq!(bars.count(), sub_blocks.sum::<usize>(), "{name}");
    }
}

#[test]
fn charts_are_legible() {
    let dot = |(label, x, y): (&str, f64, f64)| Dot {
        label: label.to_owned(),
        x,
        y,
    };
    let figures = [("b0", 0.39, 77.1), ("b1", 0.70, 79.1), ("b7", 37.0, 84.3)];
    let scene = dots(
        "Dots",
        ["billion FLOPs", "top-1 accuracy, %"],
        &figures.map(dot),
    );
    check_legibility(&scene);
    let places: Vec<(f64, f64)> = boxes(&scene).iter().map(|area| (area.x, area.y)).collect();
    assert!(
        places.is_sorted_by(|a, b| a.0 < b.0 && a.1 > b.1),
        "{places:?}"
    );
    let bar = |(label, value): (&str, f64)| Bar {
        label: label.to_owned(),
        value,
        words: format!("{value} ms"),
    };
    let scene = bars(
        "Bars",
        "medians",
        &[("b0, 1 thread", 10.0), ("b7, 16 threads, batch 2", 40.0)].map(bar),
    );
    check_legibility(&scene);
    let widths: Vec<f64> = boxes(&scene).iter().map(|area| area.width).collect();
    assert_eq!(widths[1], 4.0 * widths[0]);
}

#[test]
fn every_box_is_drawn_once_in_order() {
    for diagram in diagrams() {
        let scene = layout(&diagram);
        let index = |element: &Element| match element {
            Element::Part(part) => match part.kind {
                PartKind::Leaf { index, .. } => Some(index),
                _ => None,
            },
            _ => None,
        };
        let drawn: Vec<usize> = scene.flat().into_iter().filter_map(index).collect();
        let leaves = diagram.leaves().count();
        assert_eq!(drawn, (0..leaves).collect::<Vec<_>>(), "{}", diagram.title);
    }
}

#[test]
fn layers_and_edges_are_those_of_the_graph() {
    for variant in VARIANTS {
        let (architecture, graph) = network(variant);
        let diagram = Diagram::layers(&architecture, &graph);
        let leaves: Vec<&Leaf> = diagram.leaves().collect();
        let names: Vec<&str> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
        let expected: Vec<&str> = graph
            .layers()
            .map(|(_, layer)| layer.name.as_str())
            .collect();
        assert_eq!(names, expected);
        let mut edges: BTreeSet<(String, String, String)> = BTreeSet::new();
        for edge in &diagram.edges {
            let (from, to) = (leaves[edge.from], leaves[edge.to]);
            edges.insert((from.name.clone(), to.name.clone(), from.output.to_string()));
        }
        let mut of_graph = BTreeSet::new();
        for (id, layer) in graph.layers() {
            for input in graph.inputs(id) {
                let from = graph.layer(input);
                of_graph.insert((
                    from.name.clone(),
                    layer.name.clone(),
                    from.output.to_string(),
                ));
            }
        }
        assert_eq!(edges, of_graph, "{variant}");
    }
}

/// How many sub-blocks the group of a box stands for.
fn repeats(diagram: &Diagram) -> Vec<usize> {
    let groups = diagram.columns.iter().flat_map(|column| &column.groups);
    let leaves = groups.flat_map(|group| group.leaves.iter().map(|_| group.repeats));
    leaves.collect()
}

#[test]
fn shortcuts_are_as_many_as_sums_at_every_level() {
    for variant in VARIANTS {
        let (_, graph) = network(variant);
        let sums = graph.layers().filter(|(_, layer)| layer.op == LayerOp::Add);
        let sums = sums.count();
        for diagram in levels(variant) {
            let repeats = repeats(&diagram);
            let skips = diagram
                .edges
                .iter()
                .filter(|edge| edge.kind == EdgeKind::Skip);
            let chips = diagram.leaves().flat_map(|leaf| &leaf.chips);
            let skips: usize = skips.map(|edge| repeats[edge.to]).sum();
            let chips = chips.filter(|chip| chip.has_shortcut).count();
            assert_eq!(skips + chips, sums, "{}", diagram.title);
        }
    }
}

#[test]
fn edges_go_forward_and_flow_reaches_every_box() {
    for diagram in diagrams() {
        let edges = &diagram.edges;
        assert!(edges.iter().all(|edge| edge.from < edge.to));
        let flow = |to: usize| {
            let mut into = edges.iter().filter(|edge| edge.to == to);
            into.any(|edge| edge.kind == EdgeKind::Flow)
        };
        let leaves = diagram.leaves().count();
        let lost: Vec<usize> = (1..leaves).filter(|to| !flow(*to)).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", diagram.title);
    }
}

#[test]
fn shapes_stand_beside_the_edges() {
    for diagram in diagrams() {
        let scene = layout(&diagram);
        let written: BTreeSet<&str> = texts(&scene)
            .iter()
            .map(|text| text.text.as_str())
            .collect();
        let last = diagram.leaves().count() - 1;
        for leaf in diagram.leaves().take(last) {
            assert!(
                written.contains(leaf.output.to_string().as_str()),
                "{leaf:?}"
            );
        }
    }
}

#[test]
fn svg_is_xml_with_a_group_a_box() {
    for diagram in diagrams() {
        let scene = layout(&diagram);
        for what in [Use::File, Use::Inline, Use::Raster(Theme::Dark)] {
            let text = svg::write(&scene, what);
            let document = Document::parse(&text).expect("XML");
            let leaves = document.descendants();
            let leaves = leaves.filter(|node| node.attribute("class") == Some("leaf"));
            assert_eq!(
                leaves.count(),
                diagram.leaves().count(),
                "{}",
                diagram.title
            );
        }
        assert_eq!(
            svg::write(&scene, Use::File),
            svg::write(&layout(&diagram), Use::File)
        );
    }
}

#[test]
fn a_page_needs_nothing_else() {
    for diagram in diagrams() {
        let page = html::write(&layout(&diagram), diagram.leaves());
        let page = page.replace("http://www.w3.org/2000/svg", "");
        for foreign in ["http:", "https:", "src=", "url(", "@import", "{{", "fetch("] {
            assert!(!page.contains(foreign), "{}: {foreign}", diagram.title);
        }
        let (begin, end) = ("<svg", "</svg>");
        let picture = &page[page.find(begin).unwrap()..page.find(end).unwrap() + end.len()];
        let document = Document::parse_with_options(picture, ParsingOptions::default());
        let document = document.expect("the picture is XML");
        let items = document.descendants();
        let items = items.filter(|node| node.attribute("role") == Some("treeitem"));
        let labelled = items
            .clone()
            .filter(|node| node.has_attribute("aria-label"));
        assert_eq!(labelled.count(), items.count());
    }
}

#[test]
fn markup_in_names_stays_text() {
    let mut diagram = levels("b0")[2].clone();
    let name = "</script><b>\"&'\u{1}";
    diagram.title = name.to_owned();
    let leaf = &mut diagram.columns[0].groups[0].leaves[0];
    leaf.lines = vec![name.to_owned()];
    leaf.facts = vec![("Layer", vec![name.to_owned()])];
    let scene = layout(&diagram);
    let picture = svg::write(&scene, Use::File);
    let document = Document::parse(&picture).expect("XML");
    let title = document
        .descendants()
        .find(|node| node.has_tag_name("title"));
    assert_eq!(
        title.and_then(|node| node.text()),
        Some("</script><b>\"&' ")
    );
    let page = html::write(&scene, diagram.leaves());
    assert_eq!(page.matches("</script>").count(), 2);
    assert!(!page.contains("<b>"));
}

#[test]
fn dot_declares_what_it_connects() {
    for diagram in diagrams() {
        let text = dot::write(&diagram);
        let count = |what: &str| text.matches(what).count();
        assert_eq!(count("{"), count("}"), "{}", diagram.title);
        assert_eq!(count("\"") % 2, 0);
        assert_eq!(count(" -> "), diagram.edges.len());
        let leaves = diagram.leaves().count();
        assert_eq!(count(" [label=\""), leaves + diagram.edges.len());
        for number in 0..leaves {
            let node = format!("n{number} [");
            let lines = text.lines().map(str::trim_start);
            assert_eq!(lines.filter(|line| line.starts_with(&node)).count(), 1);
        }
    }
}

/// Relative luminance of a colour, from 0 to 1 (WCAG 2.2, section "relative luminance").
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour");
        let value = f64::from(value) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(a: Role, b: Role, theme: Theme) -> f64 {
    let [a, b] = [a, b].map(|role| luminance(role.colour(theme)));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// WCAG 2.2: 4.5 for text (1.4.3), 3 for lines (1.4.11).
#[test]
fn contrast_is_sufficient_in_both_themes() {
    for theme in [Theme::Light, Theme::Dark] {
        for fill in Role::BOXES {
            assert!(contrast(Role::Ink, fill, theme) >= 4.5, "{fill:?}");
        }
        for fill in [Role::Page, Role::Column, Role::Group] {
            assert!(contrast(Role::Ink, fill, theme) >= 4.5, "{fill:?}");
            assert!(contrast(Role::Faint, fill, theme) >= 4.5, "{fill:?}");
            assert!(contrast(Role::Differs, fill, theme) >= 4.5, "{fill:?}");
            for line in [Role::Flow, Role::Skip, Role::Bypass] {
                assert!(contrast(line, fill, theme) >= 3.0, "{line:?} {fill:?}");
            }
        }
        assert!(contrast(Role::Shared, Role::Differs, theme) >= 3.0);
    }
}

#[test]
fn every_role_has_a_colour_and_a_class_of_its_own() {
    let classes: BTreeSet<&str> = Role::all().map(Role::class).collect();
    assert_eq!(classes.len(), Role::all().count());
    assert!(
        Role::BOXES
            .into_iter()
            .all(|role| Role::all().any(|known| known == role))
    );
}

#[test]
fn too_many_pixels_are_refused() {
    let mut scene = layout(&levels("lite0")[0]);
    scene.height = 1_000_000.0;
    assert!(matches!(
        png::write(&scene, Theme::Light),
        Err(png::PngError::TooLarge { .. })
    ));
}
