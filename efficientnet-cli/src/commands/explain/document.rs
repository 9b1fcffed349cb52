//! The explanation as one JSON document.

use efficientnet::spec::{Rounded, ScaledChannels, ScaledRepeats, Scaling};
use serde_json::{Value, json};

use super::{Explained, Stage, SubBlock, words};

impl Explained<'_> {
    pub(super) fn document(&self) -> Value {
        let Scaling {
            channel_multiple,
            channel_floor,
            ..
        } = self.spec.scaling;
        let stages = self.stages.iter().enumerate();
        let sub_blocks = self.sub_blocks.iter().map(sub_block);
        json!({
            "family": self.spec.family.as_str(),
            "variant": self.variant.name.as_str(),
            "baseline": self.baseline.as_ref().map(|(variant, _)| variant.name.as_str()),
            "coefficients": self.coefficients(),
            "channel_multiple": channel_multiple.get(),
            "channel_floor": channel_floor.get(),
            "stages": stages.map(|(index, s)| stage(index + 1, s)).collect::<Vec<_>>(),
            "sub_blocks": sub_blocks.collect::<Vec<_>>(),
            "totals": self.counts.document(),
            "baseline_totals": self.baseline.as_ref().map(|(_, counts)| counts.document()),
        })
    }

    fn coefficients(&self) -> Value {
        let scaling = &self.spec.scaling;
        let factors = self.factors();
        let alone = factors.map(|factors| scaling.exponents(factors));
        json!({
            "depth": self.variant.depth.get(),
            "width": self.variant.width.get(),
            "resolution": self.variant.resolution.get(),
            "resolution_factor": factors.map(|factors| factors.resolution),
            "dropout": self.variant.dropout.get(),
            "drop_connect": self.architecture.drop_connect,
            "alpha": scaling.alpha.get(),
            "beta": scaling.beta.get(),
            "gamma": scaling.gamma.get(),
            "depth_phi": alone.and_then(|alone| alone.depth),
            "width_phi": alone.and_then(|alone| alone.width),
            "resolution_phi": alone.and_then(|alone| alone.resolution),
            "nearest_phi": factors.and_then(|factors| scaling.nearest_phi(factors)),
            "unrounded_macs_over_baseline": factors.map(|factors| factors.cost()),
        })
    }
}

fn stage(number: usize, stage: &Stage) -> Value {
    json!({
        "stage": number,
        "name": words::stage(stage.output).replace(' ', ""),
        "output_shape": stage.shape.extents(),
        "channels": channels(&stage.channels),
        "repeats": stage.repeats.as_ref().map(repeats),
    })
}

fn channels(scaled: &ScaledChannels) -> Value {
    json!({
        "baseline": scaled.baseline,
        "scaled": scaled.rounded.map(|rounded| rounded.exact),
        "nearest": scaled.rounded.map(|rounded| rounded.nearest),
        "rounded": scaled.channels,
        "reason": words::channels(scaled),
    })
}

fn repeats(scaled: &ScaledRepeats) -> Value {
    json!({
        "baseline": scaled.baseline,
        "scaled": scaled.exact,
        "rounded": scaled.repeats,
        "reason": words::repeats(scaled),
    })
}

fn sub_block(block: &SubBlock) -> Value {
    let nearest = |rounded: Option<Rounded>| rounded.map(|rounded| rounded.nearest);
    let expansion = block.expansion.map(|expanded| {
        json!({
            "of": expanded.base,
            "ratio": expanded.ratio,
            "scaled": expanded.rounded.map_or(expanded.channels as f64, |rounded| rounded.exact),
            "nearest": nearest(expanded.rounded),
            "rounded": expanded.channels,
        })
    });
    let squeeze = block.squeeze.map(|squeeze| {
        json!({
            "of": squeeze.base,
            "scaled": squeeze.share,
            "nearest": nearest(squeeze.rounded),
            "rounded": squeeze.width,
        })
    });
    json!({
        "name": block.label,
        "block": block.block,
        "kind": block.kind.word(),
        "kernel": block.kernel,
        "stride": block.stride,
        "in_channels": block.input,
        "expansion": expansion,
        "squeeze": squeeze,
        "out_channels": block.channels,
        "shortcut": block.shortcut,
        "drop_rate": block.drop_rate,
    })
}
