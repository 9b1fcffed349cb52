//! The spec as canonical YAML: parsing it gives the same spec.

use std::fmt;

use super::{
    BlockBody, BlockSpec, ExpandSpec, HeadSpec, Scaling, Spec, SqueezeSpec, StemSpec, Variant,
};
use crate::{ExpandOf, SqueezeOf};

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "family: {}", self.family)?;
        writeln!(f, "in_channels: {}", self.in_channels)?;
        writeln!(f, "classes: {}", self.classes)?;
        writeln!(f, "activation: {}", self.activation)?;
        if let Some(squeeze) = self.squeeze_excite {
            writeln!(f, "squeeze_excite: {squeeze}")?;
        }
        writeln!(f, "drop_connect: {}", self.drop_connect)?;
        self.scaling.fmt(f)?;
        let StemSpec {
            kernel,
            stride,
            channels,
            scale_width,
        } = self.stem;
        write!(
            f,
            "stem: {{ kernel: {kernel}, stride: {stride}, channels: {channels}"
        )?;
        finish(f, "scale_width", scale_width)?;
        writeln!(f, "blocks:")?;
        for block in self.blocks.iter() {
            writeln!(f, "  - {block}")?;
        }
        let HeadSpec {
            channels,
            after_pooling,
            scale_width,
        } = self.head;
        write!(f, "head: {{ channels: {channels}")?;
        if after_pooling {
            f.write_str(", after_pooling: true")?;
        }
        finish(f, "scale_width", scale_width)?;
        writeln!(f, "variants:")?;
        for Variant {
            name,
            width,
            depth,
            resolution,
            dropout,
        } in self.variants.iter()
        {
            write!(f, "  {name}: {{ width: {width}, depth: {depth}")?;
            writeln!(f, ", resolution: {resolution}, dropout: {dropout} }}")?;
        }
        Ok(())
    }
}

/// The value of the key `squeeze_excite`.
impl fmt::Display for SqueezeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SqueezeSpec {
            ratio,
            of,
            channel_multiple,
            activation,
            gate,
        } = self;
        write!(f, "{{ ratio: {ratio}")?;
        if *of != SqueezeOf::Input {
            write!(f, ", of: {of}")?;
        }
        if let Some(multiple) = channel_multiple {
            write!(f, ", channel_multiple: {multiple}")?;
        }
        write!(f, ", activation: {activation}, gate: {gate} }}")
    }
}

/// One row of the list `blocks`.
impl fmt::Display for BlockSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BlockSpec {
            body,
            kernel,
            stride,
            channels,
            repeats,
            activation,
            shortcut,
            scale_depth,
        } = self;
        write!(f, "{{ {body}kernel: {kernel}, stride: {stride}")?;
        write!(f, ", channels: {channels}, repeats: {repeats}")?;
        if let Some(activation) = activation {
            write!(f, ", activation: {activation}")?;
        }
        let squeezes = match body {
            BlockBody::Mbconv(expand) | BlockBody::FusedMbconv(expand) => expand.squeeze_excite,
            BlockBody::Convolution => true,
        };
        for (switch, on) in [
            ("squeeze_excite", squeezes),
            ("shortcut", *shortcut),
            ("scale_depth", *scale_depth),
        ] {
            if !on {
                write!(f, ", {switch}: false")?;
            }
        }
        f.write_str(" }")
    }
}

/// What a row begins with: the kind, unless it is the usual one, and the expansion.
impl fmt::Display for BlockBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BlockBody::Mbconv(expand) => write!(f, "{expand}, "),
            BlockBody::FusedMbconv(expand) => write!(f, "kind: fused_mbconv, {expand}, "),
            BlockBody::Convolution => f.write_str("kind: convolution, "),
        }
    }
}

/// Ratio or ratios, and what they are over.
impl fmt::Display for ExpandSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ratios: Vec<_> = self.ratios.iter().map(|ratio| ratio.get()).collect();
        match &ratios[..] {
            [ratio] => write!(f, "expand_ratio: {ratio}")?,
            ratios => {
                let ratios: Vec<_> = ratios.iter().map(f64::to_string).collect();
                write!(f, "expand_ratio: [{}]", ratios.join(", "))?;
            }
        }
        match self.of {
            ExpandOf::Input => Ok(()),
            of => write!(f, ", expand_ratio_of: {of}"),
        }
    }
}

/// The lines of the key `scaling`.
impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "scaling:")?;
        writeln!(f, "  alpha: {}", self.alpha)?;
        writeln!(f, "  beta: {}", self.beta)?;
        writeln!(f, "  gamma: {}", self.gamma)?;
        writeln!(f, "  channel_multiple: {}", self.channel_multiple)?;
        writeln!(f, "  channel_floor: {}", self.channel_floor)
    }
}

/// The end of a row: the switch only where it is off.
fn finish(f: &mut fmt::Formatter<'_>, switch: &str, on: bool) -> fmt::Result {
    if on {
        writeln!(f, " }}")
    } else {
        writeln!(f, ", {switch}: false }}")
    }
}
