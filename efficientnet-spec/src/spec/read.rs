//! Located YAML to spec: every error of the text is reported, not only the first.

mod block;

use super::fields::Reader;
use super::keys::{HEAD, SCALING, SPEC, SQUEEZE_EXCITE, STEM, VARIANT};
use super::values::NonEmpty;
use super::{HeadSpec, Name, Scaling, Spec, SqueezeSpec, StemSpec, Variant};
use crate::SqueezeOf;
use crate::diagnostics::{Fault, Problem, SpecErrors, wrong_name};
use crate::yaml::{Entry, Kind, Node, Source};

impl Spec {
    /// Reads a spec. `file` is what messages call it; nothing is opened.
    ///
    /// ```
    /// use efficientnet_spec::{Spec, bundled};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = bundled("efficientnet").ok_or("it is bundled")?;
    /// let spec = Spec::parse(text, "efficientnet.yaml")?;
    /// assert_eq!(spec.blocks.len(), 7);
    ///
    /// let misspelt = text.replace("kernel: 5", "kernel: five");
    /// let errors = Spec::parse(&misspelt, "mine.yaml").unwrap_err().to_string();
    /// assert!(errors.starts_with("mine.yaml:"), "{errors}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Every error of the text, with line, column, what was found, what was expected and a hint.
    pub fn parse(text: &str, file: &str) -> Result<Spec, SpecErrors> {
        let mut source = Source::new(text);
        let spec = source.tree().and_then(|root| {
            let mut reader = Reader {
                source: &mut source,
            };
            let spec = reader.spec(&root)?;
            reader.check_variants(&spec, &root);
            Some(spec)
        });
        let mut diagnostics = source.diagnostics;
        diagnostics.sort_by_key(|diagnostic| diagnostic.range.start);
        match spec {
            Some(spec) if diagnostics.is_empty() => Ok(spec),
            _ => Err(SpecErrors {
                file: file.into(),
                diagnostics,
            }),
        }
    }
}

impl Reader<'_, '_> {
    fn spec(&mut self, root: &Node) -> Option<Spec> {
        let fields = self.fields(root, root.range.clone(), &SPEC)?;
        let family = self.value(&fields, "family");
        let in_channels = self.value(&fields, "in_channels");
        let classes = self.value(&fields, "classes");
        let activation = self.value(&fields, "activation");
        let squeeze_excite = fields
            .get("squeeze_excite")
            .map(|node| self.squeeze_excite(node));
        let drop_connect = self.value(&fields, "drop_connect");
        let scaling = fields.get("scaling").and_then(|node| self.scaling(node));
        let stem = fields.get("stem").and_then(|node| self.stem(node));
        let squeezes = squeeze_excite.is_some();
        let blocks = fields.get("blocks");
        let blocks = blocks.and_then(|node| self.blocks(node, squeezes));
        let head = fields.get("head").and_then(|node| self.head(node));
        let variants = fields.get("variants").and_then(|node| self.variants(node));
        Some(Spec {
            family: family?,
            in_channels: in_channels?,
            classes: classes?,
            activation: activation?,
            squeeze_excite: match squeeze_excite {
                Some(read) => Some(read?),
                None => None,
            },
            drop_connect: drop_connect?,
            scaling: scaling?,
            stem: stem?,
            blocks: blocks?,
            head: head?,
            variants: variants?,
        })
    }

    fn squeeze_excite(&mut self, node: &Node) -> Option<SqueezeSpec> {
        let fields = self.fields(node, node.range.clone(), &SQUEEZE_EXCITE)?;
        let ratio = self.value(&fields, "ratio");
        let of = self.value_or(&fields, "of", SqueezeOf::Input);
        let channel_multiple = self.optional(&fields, "channel_multiple");
        let activation = self.value(&fields, "activation");
        let gate = self.value(&fields, "gate");
        Some(SqueezeSpec {
            ratio: ratio?,
            of: of?,
            channel_multiple: channel_multiple?,
            activation: activation?,
            gate: gate?,
        })
    }

    fn scaling(&mut self, node: &Node) -> Option<Scaling> {
        let fields = self.fields(node, node.range.clone(), &SCALING)?;
        let alpha = self.value(&fields, "alpha");
        let beta = self.value(&fields, "beta");
        let gamma = self.value(&fields, "gamma");
        let channel_multiple = self.value(&fields, "channel_multiple");
        let channel_floor = self.value(&fields, "channel_floor");
        Some(Scaling {
            alpha: alpha?,
            beta: beta?,
            gamma: gamma?,
            channel_multiple: channel_multiple?,
            channel_floor: channel_floor?,
        })
    }

    fn stem(&mut self, node: &Node) -> Option<StemSpec> {
        let fields = self.fields(node, node.range.clone(), &STEM)?;
        let kernel = self.value(&fields, "kernel");
        let stride = self.value(&fields, "stride");
        let channels = self.value(&fields, "channels");
        let scale_width = self.value_or(&fields, "scale_width", true);
        Some(StemSpec {
            kernel: kernel?,
            stride: stride?,
            channels: channels?,
            scale_width: scale_width?,
        })
    }

    fn head(&mut self, node: &Node) -> Option<HeadSpec> {
        let fields = self.fields(node, node.range.clone(), &HEAD)?;
        let channels = self.value(&fields, "channels");
        let after_pooling = self.value_or(&fields, "after_pooling", false);
        let scale_width = self.value_or(&fields, "scale_width", true);
        Some(HeadSpec {
            channels: channels?,
            after_pooling: after_pooling?,
            scale_width: scale_width?,
        })
    }

    fn variants(&mut self, node: &Node) -> Option<NonEmpty<Variant>> {
        let entries = match &node.kind {
            Kind::Mapping(entries) if !entries.is_empty() => entries,
            _ => {
                let problem = Problem::new(Fault::NoVariants).found(self.excerpt(node));
                return self.report(problem, node.range.clone());
            }
        };
        let variants: Vec<_> = entries.iter().map(|entry| self.variant(entry)).collect();
        NonEmpty::new(variants.into_iter().collect::<Option<_>>()?)
    }

    fn variant(&mut self, entry: &Entry) -> Option<Variant> {
        let at = entry.key_range.clone();
        let name = Name::try_from(entry.key.clone())
            .ok()
            .or_else(|| self.report(wrong_name(&entry.key), at.clone()));
        let fields = self.fields(&entry.value, at, &VARIANT)?;
        let width = self.value(&fields, "width");
        let depth = self.value(&fields, "depth");
        let resolution = self.value(&fields, "resolution");
        let dropout = self.value(&fields, "dropout");
        Some(Variant {
            name: name?,
            width: width?,
            depth: depth?,
            resolution: resolution?,
            dropout: dropout?,
        })
    }

    /// Scales every variant once: sizes may leave their bounds only then.
    fn check_variants(&mut self, spec: &Spec, root: &Node) {
        let Kind::Mapping(keys) = &root.kind else {
            return;
        };
        let Some(variants) = keys.iter().find(|entry| entry.key == "variants") else {
            return;
        };
        let Kind::Mapping(entries) = &variants.value.kind else {
            return;
        };
        for fault in spec.faults() {
            let at = entries
                .iter()
                .find(|entry| entry.key == fault.variant.as_str());
            let at = at.map_or(0..0, |entry| entry.key_range.clone());
            let problem = Problem::new(Fault::Scaled).with("variant", &fault.variant);
            self.source.report(problem.says(fault.problem), at);
        }
    }
}
