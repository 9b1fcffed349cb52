//! The specs that come with the crate.

/// Names and texts of the bundled specs, in the order in which a variant's name is looked up.
pub const BUNDLED: [(&str, &str); 11] = [
    ("efficientnet", include_str!("../specs/efficientnet.yaml")),
    ("lite", include_str!("../specs/lite.yaml")),
    ("edgetpu", include_str!("../specs/edgetpu.yaml")),
    (
        "efficientnetv2",
        include_str!("../specs/efficientnetv2.yaml"),
    ),
    (
        "efficientnetv2_s",
        include_str!("../specs/efficientnetv2_s.yaml"),
    ),
    (
        "efficientnetv2_m",
        include_str!("../specs/efficientnetv2_m.yaml"),
    ),
    (
        "efficientnetv2_l",
        include_str!("../specs/efficientnetv2_l.yaml"),
    ),
    ("mnasnet", include_str!("../specs/mnasnet.yaml")),
    ("mobilenetv2", include_str!("../specs/mobilenetv2.yaml")),
    (
        "mobilenetv3_small",
        include_str!("../specs/mobilenetv3_small.yaml"),
    ),
    (
        "mobilenetv3_large",
        include_str!("../specs/mobilenetv3_large.yaml"),
    ),
];

/// The text of the bundled spec of a name, such as `efficientnet` (B0..B8, L2) or `lite` (Lite0..Lite4).
pub fn bundled(name: &str) -> Option<&'static str> {
    BUNDLED
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}
