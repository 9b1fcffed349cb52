//! Specs with one fault each: edits of a bundled one.

use efficientnet_spec::{Fault, bundled};

/// A faulty text, and the fault that it has.
pub struct Case {
    pub name: &'static str,
    pub fault: Fault,
    pub text: String,
}

/// The bundled spec with one piece replaced, all else valid.
pub fn edited(from: &str, to: &str) -> String {
    let text = bundled("efficientnet").unwrap();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// The bundled spec with the lines from one text up to another replaced.
fn without(from: &str, to: &str, replacement: &str) -> String {
    let text = bundled("efficientnet").unwrap();
    let (before, rest) = text.split_once(from).unwrap();
    let after = if to.is_empty() {
        ""
    } else {
        &rest[rest.find(to).unwrap()..]
    };
    format!("{before}{replacement}\n{after}")
}

const FIRST_BLOCK: &str = "{ expand_ratio: 1, kernel: 3, stride: 1, channels: 16, repeats: 1 }";

/// Another first block.
fn block(row: &str) -> String {
    edited(FIRST_BLOCK, &format!("{{ {row} }}"))
}

/// Another expand ratio of the first block.
fn ratio(ratio: &str) -> String {
    edited("expand_ratio: 1,", &format!("expand_ratio: {ratio},"))
}

/// Every case.
pub fn cases() -> Vec<Case> {
    let groups = [texts(), keys(), mappings(), values(), words()];
    let cases = groups.into_iter().flatten();
    cases
        .map(|(name, fault, text)| Case { name, fault, text })
        .collect()
}

type Row = (&'static str, Fault, String);

fn texts() -> Vec<Row> {
    let deep = format!("{}x{}", "[".repeat(40), "]".repeat(40));
    let nested = edited("channels: 1280", &format!("channels: {deep}"));
    let anchor = edited("in_channels: 3", "in_channels: &n 3");
    let aliased = anchor.replace("classes: 1000", "classes: *n");
    vec![
        ("nothing", Fault::Empty, String::new()),
        ("comment", Fault::Empty, "# nothing\n".into()),
        (
            "long",
            Fault::TooLong,
            edited("head:", &format!("# {}\nhead:", "x".repeat(300_000))),
        ),
        (
            "two documents",
            Fault::SecondDocument,
            edited("classes: 1000", "classes: 1000\n---\nfamily: b"),
        ),
        (
            "not closed",
            Fault::Bracket,
            edited("gate: sigmoid }", "gate: sigmoid"),
        ),
        ("list not closed", Fault::Bracket, ratio("[1, 2")),
        (
            "no comma",
            Fault::Bracket,
            edited("kernel: 3, stride: 2", "kernel: 3 stride: 2"),
        ),
        (
            "quote not closed",
            Fault::Syntax,
            edited("classes: 1000", "classes: \"1000"),
        ),
        (
            "no colon",
            Fault::Syntax,
            edited("classes: 1000", "classes 1000"),
        ),
        ("tab", Fault::Tab, edited("  alpha: 1.2", "\talpha: 1.2")),
        (
            "tab behind spaces",
            Fault::Tab,
            edited("  beta: 1.1", " \tbeta: 1.1"),
        ),
        (
            "hidden tab",
            Fault::Tab,
            edited("classes: 1000", "\"classes\":\t1000"),
        ),
        ("deep", Fault::TooDeep, nested),
        ("deeper", Fault::TooDeep, "[".repeat(100_000)),
        ("deep by indentation", Fault::TooDeep, "- ".repeat(1000)),
        ("anchor", Fault::Anchor, anchor),
        (
            "alias",
            Fault::Alias,
            edited("classes: 1000\n", "classes: *n\n"),
        ),
        ("alias of an anchor", Fault::Alias, aliased),
        (
            "tag",
            Fault::Tag,
            edited("classes: 1000", "classes: !big 1000"),
        ),
    ]
}

fn keys() -> Vec<Row> {
    vec![
        (
            "key of several",
            Fault::KeyIsNoText,
            edited("classes: 1000", "[a, b]: 1\nclasses: 1000"),
        ),
        (
            "twice",
            Fault::DuplicateKey,
            edited("  beta: 1.1", "  beta: 1.1\n  beta: 1.2"),
        ),
        (
            "merge",
            Fault::MergeKey,
            edited("head: {", "head: { <<: { channels: 3 },"),
        ),
        (
            "unknown",
            Fault::UnknownKey,
            edited("head: {", "head: { flavour: sweet,"),
        ),
        (
            "misspelt",
            Fault::MisspeltKey,
            edited("drop_connect:", "drop_conect:"),
        ),
        ("se", Fault::ForeignKey, edited("squeeze_excite:", "se:")),
        (
            "expansion",
            Fault::ForeignKey,
            edited("expand_ratio: 1", "expansion: 1"),
        ),
        (
            "image size",
            Fault::ForeignKey,
            edited("resolution: 224", "image_size: 224"),
        ),
        (
            "scale_depth of the stem",
            Fault::MisplacedKey,
            edited("stem: {", "stem: { scale_depth: false,"),
        ),
        (
            "not indented",
            Fault::MisplacedKey,
            edited("head: {", "gamma: 1.15\nhead: {"),
        ),
        (
            "expand_ratio of a convolution",
            Fault::KeyOfOtherKind,
            block(
                "kind: convolution, expand_ratio: 1, kernel: 3, stride: 1, channels: 16, repeats: 1",
            ),
        ),
        (
            "squeeze_excite of a convolution",
            Fault::KeyOfOtherKind,
            block(
                "kind: convolution, squeeze_excite: true, kernel: 3, stride: 1, channels: 16, repeats: 1",
            ),
        ),
        (
            "missing variants",
            Fault::MissingKey,
            without("variants:\n", "", ""),
        ),
        (
            "missing ratio",
            Fault::MissingKey,
            block("kernel: 3, stride: 1, channels: 16, repeats: 1"),
        ),
        (
            "missing resolution",
            Fault::MissingKey,
            edited("resolution: 224, ", ""),
        ),
    ]
}

fn mappings() -> Vec<Row> {
    let row = format!("  - {FIRST_BLOCK}\n");
    let no_squeeze = edited(
        "squeeze_excite: { ratio: 0.25, activation: silu, gate: sigmoid }\n",
        "",
    );
    vec![
        ("a scalar", Fault::NoMapping, "efficientnet".into()),
        ("a list", Fault::NoMapping, "- efficientnet".into()),
        (
            "head of nothing",
            Fault::NoMapping,
            edited("head: { channels: 1280 }", "head:"),
        ),
        (
            "no blocks",
            Fault::NoBlocks,
            without("blocks:\n", "head:", "blocks: []"),
        ),
        (
            "too many blocks",
            Fault::TooManyBlocks,
            edited("blocks:\n", &format!("blocks:\n{}", row.repeat(80))),
        ),
        (
            "no variants",
            Fault::NoVariants,
            without("variants:\n", "", "variants:"),
        ),
        (
            "a list of variants",
            Fault::NoVariants,
            without("variants:\n", "", "variants: [b0, b1]"),
        ),
        ("no ratios", Fault::NoRatios, ratio("[]")),
        ("too many ratios", Fault::TooManyRatios, ratio("[1, 2, 3]")),
        (
            "squeeze and excite of no family",
            Fault::NoSqueezeExcite,
            no_squeeze.replacen("repeats: 1 }", "repeats: 1, squeeze_excite: true }", 1),
        ),
        (
            "channels too large once scaled",
            Fault::Scaled,
            edited("channels: 1280", "channels: 500000"),
        ),
        (
            "resolution too large",
            Fault::Scaled,
            edited("resolution: 600", "resolution: 65536"),
        ),
    ]
}

fn values() -> Vec<Row> {
    vec![
        (
            "no value",
            Fault::NoValue,
            edited("classes: 1000", "classes:"),
        ),
        (
            "two strides",
            Fault::SeveralValues,
            edited("stride: 2, channels: 32", "stride: [2, 2], channels: 32"),
        ),
        (
            "kernel of rows",
            Fault::SeveralValues,
            edited("kernel: 3, stride: 2", "kernel: { rows: 3 }, stride: 2"),
        ),
        (
            "number in quotes",
            Fault::QuotedNumber,
            edited("resolution: 224", "resolution: \"224\""),
        ),
        (
            "number in words",
            Fault::NoNumber,
            edited("classes: 1000", "classes: thousand"),
        ),
        ("word among ratios", Fault::NoNumber, ratio("[six]")),
        (
            "fraction",
            Fault::NotWhole,
            edited("repeats: 1 }", "repeats: 1.5 }"),
        ),
        (
            "point",
            Fault::NotWhole,
            edited("classes: 1000", "classes: 1000.0"),
        ),
        (
            "not a number",
            Fault::NotFinite,
            edited("alpha: 1.2", "alpha: .nan"),
        ),
        (
            "resolution of nothing",
            Fault::Size,
            edited("resolution: 224", "resolution: 0"),
        ),
        (
            "negative",
            Fault::Size,
            edited("channels: 1280", "channels: -1280"),
        ),
        ("even", Fault::Kernel, edited("kernel: 5", "kernel: 4")),
        (
            "stride of three",
            Fault::Stride,
            edited("stride: 2", "stride: 3"),
        ),
        (
            "no width",
            Fault::Coefficient,
            edited("width: 1.0", "width: 0"),
        ),
        (
            "share of more than all",
            Fault::Share,
            edited("ratio: 0.25", "ratio: 4"),
        ),
        (
            "floor of two",
            Fault::Floor,
            edited("channel_floor: 0.9", "channel_floor: 2"),
        ),
        ("half a ratio", Fault::ExpandRatio, ratio("0.5")),
        (
            "half a ratio of several",
            Fault::ExpandRatio,
            ratio("[0.5]"),
        ),
        (
            "percentage",
            Fault::Rate,
            edited("dropout: 0.2", "dropout: 20"),
        ),
    ]
}

fn words() -> Vec<Row> {
    vec![
        (
            "capitals",
            Fault::Name,
            edited("family: efficientnet", "family: EfficientNet"),
        ),
        ("word as a name", Fault::Name, edited("b0: {", "true: {")),
        (
            "yes",
            Fault::Switch,
            edited("channels: 1280", "channels: 1280, after_pooling: yes"),
        ),
        (
            "yes in quotes",
            Fault::Switch,
            edited("channels: 1280", "channels: 1280, after_pooling: \"yes\""),
        ),
        (
            "unknown activation",
            Fault::UnknownWord,
            edited("activation: silu\n", "activation: mish\n"),
        ),
        (
            "misspelt activation",
            Fault::MisspeltWord,
            edited("activation: silu\n", "activation: siluu\n"),
        ),
        (
            "misspelt kind",
            Fault::MisspeltWord,
            block("kind: mbconf, expand_ratio: 1, kernel: 3, stride: 1, channels: 16, repeats: 1"),
        ),
        (
            "swish",
            Fault::ForeignWord,
            edited("activation: silu\n", "activation: swish\n"),
        ),
        (
            "h-swish",
            Fault::ForeignWord,
            edited("activation: silu\n", "activation: h-swish\n"),
        ),
        (
            "kind of timm",
            Fault::ForeignWord,
            block("kind: er, expand_ratio: 1, kernel: 3, stride: 1, channels: 16, repeats: 1"),
        ),
    ]
}
