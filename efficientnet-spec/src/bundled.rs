//! The specs that come with the crate.

/// Names and texts of the bundled specs.
pub const BUNDLED: [(&str, &str); 2] = [
    ("efficientnet", include_str!("../specs/efficientnet.yaml")),
    ("lite", include_str!("../specs/lite.yaml")),
];

/// The text of the bundled spec of a name: `efficientnet` (B0..B8, L2) or `lite` (Lite0..Lite4).
pub fn bundled(name: &str) -> Option<&'static str> {
    BUNDLED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
