//! Colours by what they stand for, light and dark.

use clap::ValueEnum;
use efficientnet::spec::{Module, SubBlock};

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Boxes of the stem.
    Stem,
    /// Boxes of a module.
    Module(Module),
    /// Sub-blocks of a kind.
    SubBlock(SubBlock),
    /// Boxes of the final layers.
    Final,
    /// Other boxes.
    Plain,
    /// Behind everything.
    Page,
    /// Behind a column.
    Column,
    /// Behind a sub-block.
    Group,
    /// Letters.
    Ink,
    /// Letters of less weight.
    Faint,
    /// Edges.
    Flow,
    /// Shortcuts.
    Skip,
    /// Maps that pass a squeeze and excite.
    Bypass,
    /// What two variants have in common.
    Shared,
    /// What differs between them.
    Differs,
}

/// Light on dark, or dark on light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Theme {
    /// Dark letters on white.
    #[default]
    Light,
    /// Light letters on black.
    Dark,
}

/// A role, its name in style sheets, its title, what a legend adds to that, its colours: light, dark.
struct Row(
    Role,
    &'static str,
    &'static str,
    &'static str,
    [&'static str; 2],
);

/// Every role. Hues of boxes differ in lightness, too, for eyes that see fewer colours.
const ROWS: [Row; 21] = [
    Row(Role::Stem, "stem", "Stem", "", ["#d8dee6", "#3c4654"]),
    Row(
        Role::Module(Module::One),
        "m1",
        "Module 1",
        "filter",
        ["#fde3a7", "#6b4e0e"],
    ),
    Row(
        Role::Module(Module::Two),
        "m2",
        "Module 2",
        "expand, filter",
        ["#b9dcf7", "#17517d"],
    ),
    Row(
        Role::Module(Module::Three),
        "m3",
        "Module 3",
        "squeeze and excite",
        ["#f6c1cf", "#7d2843"],
    ),
    Row(
        Role::Module(Module::Four),
        "m4",
        "Module 4",
        "project",
        ["#cfc6f3", "#473a86"],
    ),
    Row(
        Role::Module(Module::Five),
        "m5",
        "Module 5",
        "project, add shortcut",
        ["#bfe6c4", "#1f5c35"],
    ),
    Row(
        Role::SubBlock(SubBlock::One),
        "s1",
        "Sub-block 1",
        "first of block 1",
        ["#fde3a7", "#6b4e0e"],
    ),
    Row(
        Role::SubBlock(SubBlock::Two),
        "s2",
        "Sub-block 2",
        "first of a block",
        ["#b9dcf7", "#17517d"],
    ),
    Row(
        Role::SubBlock(SubBlock::Three),
        "s3",
        "Sub-block 3",
        "later ones",
        ["#bfe6c4", "#1f5c35"],
    ),
    Row(
        Role::Final,
        "final",
        "Final layers",
        "",
        ["#f3cfae", "#703f14"],
    ),
    Row(Role::Plain, "plain", "Block", "", ["#eef1f5", "#262c35"]),
    Row(Role::Page, "page", "", "", ["#ffffff", "#14171c"]),
    Row(Role::Column, "column", "", "", ["#f4f6f9", "#1c2128"]),
    Row(
        Role::Group,
        "group",
        "Map",
        "in the frame of the one that it is made of",
        ["#e6eaf0", "#2a313b"],
    ),
    Row(Role::Ink, "ink", "", "", ["#14181f", "#f2f4f8"]),
    Row(Role::Faint, "faint", "", "", ["#4a5361", "#b7c0cd"]),
    Row(Role::Flow, "flow", "", "", ["#5a6573", "#95a1b0"]),
    Row(Role::Skip, "skip", "Shortcut", "", ["#1b7a3d", "#5fd38a"]),
    Row(
        Role::Bypass,
        "bypass",
        "Past squeeze and excite",
        "",
        ["#b02a5b", "#ff8fb3"],
    ),
    Row(
        Role::Shared,
        "shared",
        "The same (=)",
        "both have it",
        ["#d3dae3", "#414c5a"],
    ),
    Row(
        Role::Differs,
        "differs",
        "Differs (\u{2260})",
        "the other has something else, less or nothing",
        ["#b04a06", "#ffa94d"],
    ),
];

impl Role {
    /// Roles of boxes, in the order of a legend.
    pub(crate) const BOXES: [Role; 11] = [
        Role::Stem,
        Role::Module(Module::One),
        Role::Module(Module::Two),
        Role::Module(Module::Three),
        Role::Module(Module::Four),
        Role::Module(Module::Five),
        Role::SubBlock(SubBlock::One),
        Role::SubBlock(SubBlock::Two),
        Role::SubBlock(SubBlock::Three),
        Role::Final,
        Role::Plain,
    ];

    /// All roles.
    pub(crate) fn all() -> impl Iterator<Item = Role> {
        ROWS.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        let row = ROWS.iter().find(|row| row.0 == self);
        // A test looks every role up.
        row.unwrap_or(&ROWS[0])
    }

    /// Its class in a style sheet.
    pub(crate) fn class(self) -> &'static str {
        self.row().1
    }

    /// Such as `Module 2`.
    pub(crate) fn title(self) -> &'static str {
        self.row().2
    }

    /// Its words in a legend, such as `Module 2: expand, filter`.
    pub(crate) fn legend(self) -> String {
        match (self.title(), self.row().3) {
            (title, "") => title.to_owned(),
            (title, rest) => format!("{title}: {rest}"),
        }
    }

    /// Its colour, as in style sheets: `#rrggbb`.
    pub(crate) fn colour(self, theme: Theme) -> &'static str {
        let [light, dark] = self.row().4;
        match theme {
            Theme::Light => light,
            Theme::Dark => dark,
        }
    }
}
