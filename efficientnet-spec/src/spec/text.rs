//! The spec as canonical YAML: parsing it gives the same spec.

use std::fmt;

use super::{BlockSpec, HeadSpec, Scaling, Spec, SqueezeSpec, StemSpec, Variant};

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "family: {}", self.family)?;
        writeln!(f, "in_channels: {}", self.in_channels)?;
        writeln!(f, "classes: {}", self.classes)?;
        writeln!(f, "activation: {}", self.activation)?;
        if let Some(SqueezeSpec {
            ratio,
            activation,
            gate,
        }) = self.squeeze_excite
        {
            writeln!(
                f,
                "squeeze_excite: {{ ratio: {ratio}, activation: {activation}, gate: {gate} }}"
            )?;
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
            let BlockSpec {
                expand_ratio,
                kernel,
                stride,
                channels,
                repeats,
                scale_depth,
            } = block;
            write!(
                f,
                "  - {{ expand_ratio: {expand_ratio}, kernel: {kernel}, stride: {stride}"
            )?;
            write!(f, ", channels: {channels}, repeats: {repeats}")?;
            finish(f, "scale_depth", *scale_depth)?;
        }
        let HeadSpec {
            channels,
            scale_width,
        } = self.head;
        write!(f, "head: {{ channels: {channels}")?;
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
