//! Random specs, valid and small, over the whole language: as text, so that a failure can be replayed.

use efficientnet::spec::{Activation, BlockKind};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Channels on both sides of vectors and their parts.
const CHANNELS: [usize; 14] = [1, 2, 3, 4, 7, 8, 12, 16, 17, 24, 31, 32, 40, 64];

/// Ratios whose products are whole, and ratios whose products are rounded.
const RATIOS: [f64; 9] = [1.0, 1.0, 2.0, 3.0, 4.0, 6.0, 1.01, 1.5, 2.75];

/// The text of a spec with one to three variants.
pub(crate) fn yaml() -> impl Strategy<Value = String> {
    let family = (1usize..6, 1usize..20, activation(), select(vec![0.0, 0.2]));
    let scaling = (
        select(vec![1, 4, 8]),
        select(vec!["0", "0.5", "0.9", "1.0"]),
    );
    let ends = (stem(), head());
    let blocks = prop::collection::vec(block(), 1..5);
    let variants = prop::collection::vec(variant(), 1..4);
    (
        family,
        prop::option::of(squeeze_excite()),
        scaling,
        ends,
        blocks,
        variants,
    )
        .prop_map(|(family, squeeze, scaling, (stem, head), blocks, variants)| {
            let (channels, classes, activation, drop_connect) = family;
            let (multiple, floor) = scaling;
            let squeezes = squeeze.is_some();
            let squeeze = squeeze.map(|value| format!("squeeze_excite: {value}\n"));
            let rows: String = blocks.iter().map(|block| block.row(squeezes)).collect();
            let variants: String = variants
                .iter()
                .enumerate()
                .map(|(number, variant)| format!("  v{number}: {variant}\n"))
                .collect();
            format!(
                "family: random\n\
                 in_channels: {channels}\n\
                 classes: {classes}\n\
                 activation: {activation}\n\
                 {squeeze}\
                 drop_connect: {drop_connect}\n\
                 scaling: {{ alpha: 1.2, beta: 1.1, gamma: 1.15, channel_multiple: {multiple}, channel_floor: {floor} }}\n\
                 stem: {stem}\n\
                 blocks:\n{rows}\
                 head: {head}\n\
                 variants:\n{variants}",
                squeeze = squeeze.unwrap_or_default(),
            )
        })
}

fn activation() -> impl Strategy<Value = &'static str> {
    select(Activation::ALL).prop_map(Activation::word)
}

fn channels() -> impl Strategy<Value = usize> {
    select(&CHANNELS[..])
}

fn kernel() -> impl Strategy<Value = usize> {
    prop_oneof![1 => Just(1), 4 => Just(3), 2 => Just(5), 1 => Just(7)]
}

/// A switch that may stand in the text or not, as a part of a mapping.
fn switch(key: &'static str) -> impl Strategy<Value = String> {
    select(vec![None, Some(true), Some(false)])
        .prop_map(move |on| on.map(|on| format!(", {key}: {on}")).unwrap_or_default())
}

fn squeeze_excite() -> impl Strategy<Value = String> {
    let ratio = select(vec![0.01, 0.25, 0.5, 1.0]);
    let of = select(vec!["", ", of: input", ", of: expanded"]);
    let multiple = select(vec![
        "",
        ", channel_multiple: 1",
        ", channel_multiple: 4",
        ", channel_multiple: 8",
    ]);
    (ratio, of, multiple, activation(), activation()).prop_map(
        |(ratio, of, multiple, activation, gate)| {
            format!("{{ ratio: {ratio}{of}{multiple}, activation: {activation}, gate: {gate} }}")
        },
    )
}

fn stem() -> impl Strategy<Value = String> {
    (kernel(), 1usize..3, channels(), switch("scale_width")).prop_map(
        |(kernel, stride, channels, scale)| {
            format!("{{ kernel: {kernel}, stride: {stride}, channels: {channels}{scale} }}")
        },
    )
}

fn head() -> impl Strategy<Value = String> {
    (
        prop_oneof![3 => channels(), 1 => Just(100)],
        switch("after_pooling"),
        switch("scale_width"),
    )
        .prop_map(|(channels, after, scale)| format!("{{ channels: {channels}{after}{scale} }}"))
}

fn variant() -> impl Strategy<Value = String> {
    let width = select(vec!["1.0", "0.5", "0.35", "1.1", "1.4"]);
    let depth = select(vec!["1.0", "0.4", "1.3", "1.8"]);
    (width, depth, 1usize..48, select(vec!["0.0", "0.2"])).prop_map(
        |(width, depth, resolution, dropout)| {
            format!(
                "{{ width: {width}, depth: {depth}, resolution: {resolution}, dropout: {dropout} }}"
            )
        },
    )
}

/// One row of `blocks`.
#[derive(Clone, Debug)]
struct Block {
    kind: Option<BlockKind>,
    /// The first is the only one where no list is written.
    ratios: Vec<f64>,
    /// How many of them are written, if they are a list.
    listed: Option<Index>,
    of: &'static str,
    window: (usize, usize),
    channels: usize,
    repeats: usize,
    activation: Option<&'static str>,
    squeeze_excite: Option<bool>,
    /// The other switches, as they stand in the text.
    switches: String,
}

fn block() -> impl Strategy<Value = Block> {
    let kind = prop_oneof![
        3 => Just(None),
        1 => Just(Some(BlockKind::Mbconv)),
        2 => Just(Some(BlockKind::FusedMbconv)),
        2 => Just(Some(BlockKind::Convolution)),
    ];
    let ratios = prop::collection::vec(select(&RATIOS[..]), 3);
    let listed = prop::option::weighted(0.3, any::<Index>());
    let of = select(vec![
        "",
        "",
        ", expand_ratio_of: input",
        ", expand_ratio_of: output",
    ]);
    let expansion = (kind, ratios, listed, of);
    let sizes = ((kernel(), 1usize..3), channels(), 1usize..4);
    let switches = (
        prop::option::of(activation()),
        prop::option::of(any::<bool>()),
        switch("shortcut"),
        switch("scale_depth"),
    );
    (expansion, sizes, switches).prop_map(|(expansion, sizes, switches)| {
        let (kind, ratios, listed, of) = expansion;
        let (window, channels, repeats) = sizes;
        let (activation, squeeze_excite, shortcut, scale_depth) = switches;
        Block {
            kind,
            ratios,
            listed,
            of,
            window,
            channels,
            repeats,
            activation,
            squeeze_excite,
            switches: shortcut + &scale_depth,
        }
    })
}

impl Block {
    /// The row in a family with a squeeze and excite, or one without.
    fn row(&self, squeezes: bool) -> String {
        let kind = self.kind.map(|kind| format!("kind: {kind}, "));
        let kind = kind.unwrap_or_default();
        let activation = self.activation.map(|word| format!(", activation: {word}"));
        let (kernel, stride) = self.window;
        let (channels, repeats) = (self.channels, self.repeats);
        let (expansion, squeeze) = match self.kind {
            Some(BlockKind::Convolution) => (String::new(), String::new()),
            _ => (self.expansion(), self.squeeze(squeezes)),
        };
        format!(
            "  - {{ {kind}{expansion}kernel: {kernel}, stride: {stride}, channels: {channels}, \
             repeats: {repeats}{}{squeeze}{} }}\n",
            activation.unwrap_or_default(),
            self.switches,
        )
    }

    fn expansion(&self) -> String {
        let ratios = match self.listed {
            None => self.ratios[0].to_string(),
            Some(index) => {
                let count = 1 + index.index(self.repeats);
                let list: Vec<_> = self.ratios[..count].iter().map(f64::to_string).collect();
                format!("[{}]", list.join(", "))
            }
        };
        format!("expand_ratio: {ratios}{}, ", self.of)
    }

    /// Only a family with a squeeze and excite can ask for it.
    fn squeeze(&self, squeezes: bool) -> String {
        let said = self.squeeze_excite.filter(|&on| squeezes || !on);
        said.map(|on| format!(", squeeze_excite: {on}"))
            .unwrap_or_default()
    }
}
