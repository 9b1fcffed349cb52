//! Logits of another framework: a JSON file of synthetic images and what was computed of them.

use efficientnet::codegen::plan::Precision;
use std::fs;
use std::path::{Path, PathBuf};

use efficientnet::codegen::plan::Call;
use efficientnet::interpreter::Interpreter;
use efficientnet::spec::{Options, Padding, Part, Resolution, Spec};
use serde::Deserialize;

use super::errors::{Errors, largest_allowed};
use super::report::{Check, Report};
use crate::arguments::Training;
use crate::failure::Failure;
use crate::network::{self, Trained};

/// The file.
#[derive(Deserialize)]
struct Document {
    /// `symmetric` or `same`.
    padding: Option<String>,
    bn_eps: Option<f64>,
    cases: Vec<Case>,
}

/// One image and what the framework made of it.
#[derive(Deserialize)]
struct Case {
    image: Image,
    logits: Vec<f64>,
    /// Feature maps, in order.
    #[serde(default)]
    taps: Vec<Tap>,
}

/// Arguments of [`efficientnet::runtime::synthetic::image`].
#[derive(Deserialize)]
struct Image {
    seed: u64,
    height: usize,
    width: usize,
}

/// What a feature map looked like.
#[derive(Deserialize)]
struct Tap {
    /// `stem`, `blocks.<block from 0>.<index>` or `head`; the maps of stem and head are inside fused kernels and
    /// cannot be compared.
    at: String,
    /// NCHW.
    shape: [usize; 4],
    mean: f64,
    mean_abs: f64,
    /// The last values in NCHW order.
    last4: [f64; 4],
}

/// Why a quantised network may be off by more than elsewhere, and why not said where.
const CUT: &str = "what is beyond the values of the photos that it was calibrated with is cut; taps are not compared \
     with maps of codes";

/// References to agree with.
pub(super) struct Reference {
    path: PathBuf,
    document: Document,
}

impl Reference {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let mistake = |reason: String| Failure::Mistake(format!("{}: {reason}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| mistake(error.to_string()))?;
        let document: Document = serde_json::from_str(&text)
            .map_err(|error| mistake(format!("not a file of references: {error}")))?;
        if document.cases.is_empty() {
            return Err(mistake("it has no cases".to_owned()));
        }
        Ok(Self {
            path: path.to_owned(),
            document,
        })
    }

    fn mistake(&self, reason: impl std::fmt::Display) -> Failure {
        Failure::Mistake(format!("{}: {reason}", self.path.display()))
    }

    /// Takes over the reference's padding and epsilon where no options say others.
    pub(super) fn apply(&self, trained: &mut Trained, given: &Training) -> Result<(), Failure> {
        let padding = match self.document.padding.as_deref() {
            None => None,
            Some("symmetric") => Some(Padding::Symmetric),
            Some("same") => Some(Padding::Same),
            Some(other) => {
                let reason = format!("padding `{other}`, expected symmetric or same");
                return Err(self.mistake(reason));
            }
        };
        if given.padding.is_none() {
            trained.padding = padding.unwrap_or(trained.padding);
        }
        if given.bn_eps.is_none() {
            trained.load.batch_norm_epsilon = self.document.bn_eps;
        }
        Ok(())
    }

    /// Compares the logits of every case.
    pub(super) fn check(
        &self,
        spec: &Spec,
        variant: &str,
        precision: Precision,
        trained: &Trained,
        report: &mut Report,
    ) -> Result<(), Failure> {
        for (number, case) in self.document.cases.iter().enumerate() {
            let Image {
                seed,
                height,
                width,
            } = case.image;
            let options = Options {
                resolution: Some(Resolution { height, width }),
                ..trained.options()
            };
            let architecture = network::architecture(spec, variant, &options)
                .map_err(|failure| self.mistake(format!("case {number}: {failure}")))?;
            let (found, expected) = (case.logits.len(), architecture.classes);
            if found != expected {
                let reason = format!("case {number} has {found} logits, the model {expected}");
                return Err(self.mistake(reason));
            }
            let image =
                network::synthetic_image(seed, height, width, architecture.input.channels());
            let plan = network::compile(&architecture, precision)?.plan;
            let model = Interpreter::new(plan, &trained.checkpoint, &trained.load)
                .map_err(Failure::mistake)?;
            report.add(compare(&model, case, &image));
        }
        Ok(())
    }
}

/// One case, and where the difference begins if there is one.
fn compare(model: &Interpreter, case: &Case, image: &[f32]) -> Check {
    let precision = model.plan().precision;
    // Codes are not compared with values.
    let allowed = largest_allowed(precision);
    let mut first = None;
    let mut workspace = model.workspace();
    let outputs = model.forward_observed(image, &mut workspace, |call, output| {
        let tap = case.taps.iter().find(|tap| is_at(call, &tap.at));
        let difference = tap
            .zip(allowed)
            .and_then(|(tap, allowed)| tap.difference(&output.values(), allowed));
        first = first.take().or(difference);
    });
    let errors = Errors::new(outputs.first(), &case.logits);
    let Image {
        seed,
        height,
        width,
    } = case.image;
    let name = format!("image {seed} at {height}x{width}");
    let check = Check::logits(&name, errors, precision);
    if check.is_agreed() {
        return check;
    }
    let where_it_begins = match (first, case.taps.is_empty()) {
        _ if allowed.is_none() => CUT.to_owned(),
        (Some(difference), _) => format!("the first difference is at {difference}"),
        (None, true) => "the reference has no taps that would say where".to_owned(),
        (None, false) => "no tap differs: it is behind the last one".to_owned(),
    };
    check.with_note(format!("{name}: {where_it_begins}"))
}

/// Whether a call's result is what the reference tapped at a place.
fn is_at(call: &Call, at: &str) -> bool {
    match call.place.part {
        Part::Block { block, index, .. } => {
            call.name.ends_with("project_conv") && at == format!("blocks.{}.{index}", block - 1)
        }
        Part::Stem | Part::Final => false,
    }
}

impl Tap {
    /// What is different in a feature map (NHWC), if anything is.
    fn difference(&self, output: &[f32], allowed: f64) -> Option<String> {
        let [_, channels, height, width] = self.shape;
        let (at, pixels) = (&self.at, height.saturating_mul(width));
        if pixels.checked_mul(channels) != Some(output.len()) || output.len() < 4 {
            let shape = self.shape;
            return Some(format!("{at}: {} values, expected {shape:?}", output.len()));
        }
        let mean = |of: fn(f64) -> f64| {
            let values = output.iter().map(|&x| of(f64::from(x)));
            values.sum::<f64>() / output.len() as f64
        };
        let nchw = |i: usize| f64::from(output[i % pixels * channels + i / pixels]);
        let last4: Vec<f64> = (output.len() - 4..output.len()).map(nchw).collect();
        let scale = self.mean_abs.max(1e-3);
        let means = [
            ("mean", mean(|x| x), self.mean, scale),
            (
                "mean of absolute values",
                mean(f64::abs),
                self.mean_abs,
                scale,
            ),
        ];
        let lasts = last4.iter().zip(&self.last4);
        let lasts = lasts.map(|(&found, &last)| ("value", found, last, scale + last.abs()));
        // Not a number is far from any.
        let is_far = |found: f64, expected: f64, scale: f64| {
            let error = (found - expected).abs() / scale;
            error.is_nan() || error >= allowed
        };
        let (what, found, expected, _) = means
            .into_iter()
            .chain(lasts)
            .find(|&(_, found, expected, scale)| is_far(found, expected, scale))?;
        Some(format!("{at}: {what} {found}, expected {expected}"))
    }
}
