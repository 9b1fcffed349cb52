//! The architecture as text.

use std::fmt;

use crate::{Activation, Shape};

use super::{Architecture, Block, BlockKind, Padding, Resolution, SqueezeExcite};

/// `symmetric` or `same`.
impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Padding::Symmetric => "symmetric",
            Padding::Same => "same",
        })
    }
}

/// `224x224`, height first.
impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.height, self.width)
    }
}

/// `0.25, silu, sigmoid`: ratio, activation, gate.
impl fmt::Display for SqueezeExcite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}, {}", self.ratio, self.activation, self.gate)
    }
}

/// A few lines of what holds everywhere, then one line a part with the shape it takes:
///
/// ```text
/// same padding, activation silu, squeeze-excite with silu and sigmoid
///
/// part     input        repeats  kernel  stride  expand  channels  squeeze
/// stem     224x224x3          1       3       2       -        32  -
/// block 1  112x112x32         1       3       1       1        16  0.25
/// ```
///
/// Where blocks squeeze with different functions, each names its own.
impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.family, self.variant)?;
        writeln!(f, "input {}, {} classes", self.input, self.classes)?;
        write!(
            f,
            "{} padding, activation {}",
            self.padding, self.activation
        )?;
        let functions = self.squeeze_functions();
        match functions {
            Some((activation, gate)) => {
                writeln!(f, ", squeeze-excite with {activation} and {gate}")?;
            }
            None => writeln!(f)?,
        }
        writeln!(
            f,
            "dropout {}, drop_connect {}",
            self.dropout, self.drop_connect
        )?;
        writeln!(f)?;
        let header = [
            "part", "input", "repeats", "kernel", "stride", "expand", "channels", "squeeze",
        ];
        let rows: Vec<_> = std::iter::once(header.map(String::from))
            .chain(self.rows(functions.is_some()))
            .collect();
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let (part, input, expansion) = (width(0), width(1), width(5));
        for [
            name,
            shape,
            repeats,
            kernel,
            stride,
            expand,
            channels,
            squeeze,
        ] in &rows
        {
            write!(
                f,
                "{name:part$}  {shape:input$}  {repeats:>7}  {kernel:>6}  {stride:>6}"
            )?;
            writeln!(f, "  {expand:>expansion$}  {channels:>8}  {squeeze}")?;
        }
        Ok(())
    }
}

impl Architecture {
    /// Activation and gate of all blocks that squeeze, where they are the same.
    fn squeeze_functions(&self) -> Option<(Activation, Activation)> {
        let squeezes = self
            .blocks
            .iter()
            .filter_map(|block| block.squeeze_excite.as_ref());
        let mut functions = squeezes.map(|squeeze| (squeeze.activation, squeeze.gate));
        let first = functions.next()?;
        functions.all(|other| other == first).then_some(first)
    }

    /// The cells of all parts; of a squeeze the ratio alone where its functions are said for all.
    fn rows(&self, only_ratios: bool) -> Vec<[String; 8]> {
        let mut input = self.input;
        let mut row = |part: String, [repeats, kernel, stride, channels]: [usize; 4]| {
            let taken = input.to_string();
            let (height, width) = input.size();
            input = Shape::Map {
                height: height.div_ceil(stride.max(1)),
                width: width.div_ceil(stride.max(1)),
                channels,
            };
            let [repeats, kernel, stride, channels] =
                [repeats, kernel, stride, channels].map(|number| number.to_string());
            let none = || String::from("-");
            [
                part,
                taken,
                repeats,
                kernel,
                stride,
                none(),
                channels,
                none(),
            ]
        };
        let stem = &self.stem;
        let mut rows = vec![row(
            "stem".into(),
            [1, stem.kernel, stem.stride, stem.channels],
        )];
        for (number, block) in self.blocks.iter().enumerate() {
            let sizes = [
                block.repeats,
                block.kernel,
                block.stride,
                block.out_channels,
            ];
            let mut row = row(format!("block {}", number + 1), sizes);
            row[5] = expansion(block);
            if let Some(squeeze) = &block.squeeze_excite {
                row[7] = match only_ratios {
                    true => squeeze.ratio.to_string(),
                    false => squeeze.to_string(),
                };
            }
            rows.push(row);
        }
        let head = match self.head.after_pooling {
            true => "pooled head",
            false => "head",
        };
        rows.push(row(head.into(), [1, 1, 1, self.head.channels]));
        rows
    }
}

/// Ratio of the expanded channels to the input's, of each sub-block where they differ, marked where the
/// expansion is a dense convolution; `-` for blocks of convolutions.
fn expansion(block: &Block) -> String {
    let ratio = |index| {
        let input = block.input_of(index);
        let ratio = block.expanded(index).unwrap_or(input) as f64 / input.max(1) as f64;
        // Two digits, without zeros at the end.
        ((ratio * 100.0).round() / 100.0).to_string()
    };
    let mut ratios: Vec<_> = (0..block.repeats).map(ratio).collect();
    ratios.dedup();
    match block.kind {
        BlockKind::Mbconv => ratios.join(", "),
        BlockKind::FusedMbconv => format!("{} fused", ratios.join(", ")),
        BlockKind::Convolution => "-".into(),
    }
}
