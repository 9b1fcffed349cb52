//! `weights inspect`: what a checkpoint holds.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use efficientnet::codegen::plan::Precision;
use efficientnet::runtime::checkpoint::{Checkpoint, Flavour, NamedShape, Padding};
use efficientnet::runtime::weights::PackedFile;
use serde_json::{Value, json};

use super::variant::{self, Found};
use crate::arguments::Inspect;
use crate::failure::Failure;
use crate::network;
use crate::text::{self, grouped};

pub(crate) fn run(arguments: &Inspect, out: &mut impl Write) -> Result<ExitCode, Failure> {
    let file = arguments.file.fetch()?;
    // What cannot be read is reported as a checkpoint that cannot.
    if PackedFile::detect(&file).unwrap_or(false) {
        packed(&file, arguments.json, out)?;
        return Ok(ExitCode::SUCCESS);
    }
    let checkpoint = network::open_checkpoint(&file)?;
    let contents = Contents::of(&checkpoint)?;
    match arguments.json {
        true => writeln!(out, "{:#}", contents.document(arguments.tensors))?,
        false => {
            contents.print(out)?;
            if arguments.tensors {
                list(&checkpoint, out)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What there is to say of a checkpoint.
struct Contents<'a> {
    checkpoint: &'a Checkpoint,
    flavour: Option<Flavour>,
    /// Number of tensors of each type.
    dtypes: BTreeMap<String, usize>,
    /// Number of values that are weights, scales of a quantised network among them.
    parameters: u64,
    bytes: u64,
    variant: Option<Found>,
    keras: Option<KerasInput>,
    /// Precision of a quantised network, which has no batch norms.
    quantization: Option<Precision>,
}

/// What a Keras network does with its input.
struct KerasInput {
    /// Whether there is a second rescaling, as in the published ImageNet weights.
    rescaling: bool,
    /// Whether the file says so itself.
    configured: bool,
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl<'a> Contents<'a> {
    fn of(checkpoint: &'a Checkpoint) -> Result<Self, Failure> {
        let mut dtypes = BTreeMap::new();
        let (mut parameters, mut bytes) = (0, 0);
        for tensor in checkpoint.tensors() {
            *dtypes.entry(tensor.dtype().to_string()).or_default() += 1;
            bytes += tensor.byte_len() as u64;
            if tensor.dtype().is_supported() {
                parameters += tensor.count() as u64;
            }
        }
        let precision = network::own_precision(checkpoint);
        let quantization = checkpoint.is_quantized().then_some(precision);
        Ok(Self {
            checkpoint,
            quantization,
            flavour: checkpoint.flavour(),
            dtypes,
            parameters,
            bytes,
            variant: variant::find(checkpoint)?,
            keras: KerasInput::of(checkpoint)?,
        })
    }

    /// Epsilon of batch norms with a padding.
    fn epsilon(&self, padding: Padding) -> f64 {
        self.checkpoint.batch_norm_epsilon(padding)
    }

    fn print(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut table = text::rows();
        for (name, value) in self.lines() {
            table.add_row([name, &value]);
        }
        text::write_table(out, table, [])?;
        if let Some(mismatch) = self.variant.as_ref().and_then(|v| v.mismatch.as_ref()) {
            writeln!(out, "\n{mismatch}")?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let known = |number: Option<usize>| number.map_or("unknown".to_owned(), |n| n.to_string());
        let dtypes = self.dtypes.iter();
        let dtypes: Vec<_> = dtypes
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let library = self.flavour.map_or("no known library", Flavour::library);
        let parameters = grouped(self.parameters);
        let beside = match self.quantization {
            None => "running statistics included",
            Some(_) => "scales and zero points included",
        };
        let mut lines = vec![
            ("file", self.checkpoint.file().to_owned()),
            ("format", self.checkpoint.format().to_string()),
            ("names of", library.to_owned()),
            ("variant", self.variant_text()),
            ("tensors", dtypes.join(", ")),
            ("parameters", format!("{parameters}, {beside}")),
            ("bytes", grouped(self.bytes)),
            ("classes", known(self.checkpoint.classes())),
            ("input channels", known(self.checkpoint.in_channels())),
            ("padding", self.padding_text().to_owned()),
        ];
        lines.push(match self.quantization {
            None => ("batch-norm epsilon", self.epsilon_text()),
            Some(precision) => ("quantised", precision.to_string()),
        });
        lines.extend(self.keras.iter().flat_map(KerasInput::lines));
        lines
    }

    /// Padding, as far as it follows from the names.
    fn padding_text(&self) -> &'static str {
        match self.flavour.map(Flavour::padding) {
            None => "unknown",
            Some(Some(padding)) => padding.name(),
            Some(None) => {
                "symmetric (efficientnet_*) or same (tf_efficientnet_*); names do not say"
            }
        }
    }

    /// Batch-norm epsilon, as far as it follows from the names.
    fn epsilon_text(&self) -> String {
        let [symmetric, same] = [Padding::Symmetric, Padding::Same].map(|p| self.epsilon(p));
        match self.flavour.map(Flavour::padding) {
            None => "unknown".to_owned(),
            Some(Some(padding)) => format!("{:e}", self.epsilon(padding)),
            Some(None) => format!("{symmetric:e} with symmetric padding, {same:e} with same"),
        }
    }

    fn variant_text(&self) -> String {
        match &self.variant {
            None => "none of the bundled specs".to_owned(),
            Some(found) => {
                let nearly = found.mismatch.as_ref().map_or("", |_| "nearly ");
                format!("{nearly}{} of {}", found.variant, found.spec)
            }
        }
    }

    fn document(&self, list: bool) -> Value {
        let padding = self.flavour.and_then(|flavour| flavour.padding());
        let tensors = self.checkpoint.tensors().map(|tensor| {
            json!({
                "name": tensor.name(),
                "dtype": tensor.dtype().to_string(),
                "shape": tensor.shape(),
            })
        });
        let epsilon = self.quantization.is_none().then(|| {
            json!({
                "symmetric": self.epsilon(Padding::Symmetric),
                "same": self.epsilon(Padding::Same),
            })
        });
        let mut document = json!({
            "file": self.checkpoint.file(),
            "format": self.checkpoint.format().to_string(),
            "library": self.flavour.map(|flavour| flavour.library()),
            "variant": self.variant.as_ref().map(Found::document),
            "tensors": self.checkpoint.tensors().len(),
            "dtypes": self.dtypes,
            "parameters": self.parameters,
            "bytes": self.bytes,
            "classes": self.checkpoint.classes(),
            "in_channels": self.checkpoint.in_channels(),
            "padding": padding.map(|padding| padding.name()),
            "quantization": self.quantization.map(|precision| precision.to_string()),
            "batch_norm_epsilon": epsilon,
            "keras_input": self.keras.as_ref().map(KerasInput::document),
        });
        if list {
            document["list"] = tensors.collect();
        }
        document
    }
}

impl Found {
    fn document(&self) -> Value {
        let mismatch = self.mismatch.as_deref().map(|mismatch| {
            let named = |tensors: &[NamedShape]| -> Vec<Value> {
                let tensor = |t: &NamedShape| json!({ "name": t.name, "shape": t.shape });
                tensors.iter().map(tensor).collect()
            };
            let misshapen = mismatch
                .misshapen
                .iter()
                .map(|t| json!({ "name": t.name, "expected": t.expected, "found": t.found }));
            let wrong_dtype = mismatch
                .wrong_dtype
                .iter()
                .map(|t| json!({ "name": t.name, "found": t.found.to_string() }));
            json!({
                "missing": named(&mismatch.missing),
                "unexpected": named(&mismatch.unexpected),
                "misshapen": misshapen.collect::<Vec<_>>(),
                "wrong_dtype": wrong_dtype.collect::<Vec<_>>(),
            })
        });
        json!({ "spec": self.spec, "variant": self.variant, "differences": mismatch })
    }
}

impl KerasInput {
    fn of(checkpoint: &Checkpoint) -> Result<Option<Self>, Failure> {
        let input = |second| checkpoint.keras_input(second).map_err(Failure::mistake);
        let Some(found) = input(None)? else {
            return Ok(None);
        };
        Ok(Some(Self {
            rescaling: input(Some(true))?.as_ref() == Some(&found),
            configured: checkpoint.keras_model().is_some(),
            scale: found.scale,
            shift: found.shift,
        }))
    }

    fn lines(&self) -> [(&'static str, String); 2] {
        let numbers = |numbers: &[f64]| {
            let texts = numbers.iter().map(|number| format!("{number:.5}"));
            texts.collect::<Vec<_>>().join(", ")
        };
        let (scale, shift) = (numbers(&self.scale), numbers(&self.shift));
        let rescaling = if self.rescaling { "yes" } else { "no" };
        let source = match self.configured {
            true => "the file says",
            false => "its normalization suggests",
        };
        [
            ("input", format!("x * [{scale}] + [{shift}]")),
            ("second rescaling", format!("{rescaling}, as {source}")),
        ]
    }

    fn document(&self) -> Value {
        json!({
            "scale": self.scale,
            "shift": self.shift,
            "second_rescaling": self.rescaling,
            "configured": self.configured,
        })
    }
}

/// A line a tensor.
fn list(checkpoint: &Checkpoint, out: &mut impl Write) -> Result<(), Failure> {
    let mut table = text::table(["tensor", "type", "shape"]);
    for tensor in checkpoint.tensors() {
        let (name, shape) = (tensor.name().to_owned(), format!("{:?}", tensor.shape()));
        table.add_row([name, tensor.dtype().to_string(), shape]);
    }
    writeln!(out)?;
    text::write_table(out, table, [])?;
    Ok(())
}

/// Packed weights say less: for what they are packed.
fn packed(path: &Path, json: bool, out: &mut impl Write) -> Result<(), Failure> {
    let file = PackedFile::open(path).map_err(Failure::mistake)?;
    let header = file.header();
    let lines = [
        ("file", path.to_string_lossy().into_owned()),
        ("format", "packed weights".to_owned()),
        ("model", header.model.clone()),
        ("isa", header.isa.clone()),
        ("precision", header.precision.clone()),
        ("padding", header.padding.clone()),
    ];
    if json {
        let document = lines
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        writeln!(out, "{:#}", Value::Object(document.collect()))?;
        return Ok(());
    }
    let mut table = text::rows();
    for (name, value) in lines {
        table.add_row([name, &value]);
    }
    text::write_table(out, table, [])?;
    Ok(())
}
