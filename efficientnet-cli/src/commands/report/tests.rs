//! Cited figures, and the style.

use efficientnet::spec::{LayerGraph, Options, Resolution, Spec, Top, bundled};

use super::page::STYLE;
use super::published;

/// Sources round, and count a few operations more than multiply-accumulates of convolutions and products: within
/// 6 %, no figure is another variant's.
#[test]
fn published_figures_fit_the_networks() {
    let number = |digits: &str| digits.parse::<f64>().expect("a number");
    for published in published::all() {
        let text = bundled(&published.family).expect("a bundled spec");
        let spec = Spec::parse(text, &published.family).expect("a spec");
        let mut accuracies = Vec::new();
        for figures in &published.figures {
            let options = Options {
                resolution: Some(Resolution {
                    height: figures.resolution,
                    width: figures.resolution,
                }),
                ..Options::default()
            };
            let architecture = spec.architecture(&figures.variant, &options);
            let architecture = architecture.expect("a variant");
            let graph = LayerGraph::build(&architecture, Top::With).expect("a graph");
            let pairs = [
                (
                    &figures.parameters,
                    graph.total_trainable_parameters() as f64 / 1e6,
                ),
                (&figures.operations, graph.total_macs() as f64 / 1e9),
            ];
            for (cited, counted) in pairs {
                let ratio = number(cited) / counted;
                assert!(
                    (ratio - 1.0).abs() < 0.06,
                    "{}: {cited}, {counted}",
                    figures.variant
                );
            }
            accuracies.push(number(&figures.top1));
        }
        // Larger variants are better in every source, all of them better than chance.
        assert!(accuracies.is_sorted_by(|a, b| a < b) && accuracies[0] > 70.0);
        assert!(accuracies.iter().all(|accuracy| *accuracy < 100.0));
    }
}

/// All colours are roles', whose contrasts are tested with the pictures.
#[test]
fn the_style_has_no_colours_of_its_own() {
    let values = STYLE
        .split(['{', '}', ';'])
        .filter_map(|rule| rule.split_once(": "));
    let words = values.flat_map(|(_, value)| value.split([' ', '(', ',']));
    let words: Vec<&str> = words.collect();
    assert!(words.len() > 100);
    for word in words {
        let is_colour = ["rgb", "rgba", "hsl", "oklch", "color-mix", "white", "black"];
        assert!(
            !word.starts_with('#') && !is_colour.contains(&word),
            "{word}"
        );
    }
}
