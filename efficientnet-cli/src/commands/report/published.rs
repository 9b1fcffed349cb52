//! Accuracy as the families' authors published it: cited, never computed. The figures are data, in
//! `assets/published.json`.

use serde::Deserialize;

const FIGURES: &str = include_str!("assets/published.json");

/// A family's figures, and where they stand.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    pub(super) family: String,
    /// Authors, title, year and table.
    pub(super) source: String,
    pub(super) link: String,
    /// What the source calls its operations, of which a multiply-accumulate is one.
    pub(super) operations: String,
    pub(super) figures: Vec<Figures>,
}

/// Figures of one variant, with the digits of the source.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Figures {
    pub(super) variant: String,
    /// Rows and columns of the input, as in the source's reference implementation.
    pub(super) resolution: usize,
    /// Top-1 accuracy on ImageNet's validation set, in per cent.
    pub(super) top1: String,
    /// In millions.
    pub(super) parameters: String,
    /// For one image, in billions.
    pub(super) operations: String,
}

/// Everything that is cited.
pub(super) fn all() -> Vec<Published> {
    serde_json::from_str(FIGURES).expect("a test reads these figures")
}

/// The figures of a family, if there are any.
pub(super) fn of(family: &str) -> Option<Published> {
    all().into_iter().find(|known| known.family == family)
}
