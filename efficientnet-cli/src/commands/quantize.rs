//! `quantize`: a float checkpoint and a folder of photos to a quantised checkpoint.

use std::io::Write;
use std::process::ExitCode;

use efficientnet::quantization::{Calibration, QuantizeError};
use efficientnet::runtime::checkpoint::{Checkpoint, ConvertError};
use efficientnet::runtime::image::{Image, Preprocess};
use serde_json::json;

use super::photos::{Photo, Photos, progress};
use crate::arguments::Quantize;
use crate::failure::{Failure, complain};
use crate::files;
use crate::network::{self, Trained};
use crate::text::grouped;

pub(crate) fn run(arguments: &Quantize, out: &mut impl Write) -> Result<ExitCode, Failure> {
    check_output(arguments)?;
    let variant = &arguments.variant.variant;
    let spec = network::spec(arguments.variant.spec.as_deref(), variant)?;
    let photos = photos(arguments)?;
    let trained = Trained::open(&arguments.weights.fetch()?, &arguments.training)?;
    let (architecture, preprocess) = trained.for_photos(&spec, variant)?;
    let calibration = Calibration::new(&architecture, &trained.checkpoint, &trained.load);
    let mut calibration = calibration.map_err(refused)?;
    observe(&mut calibration, &preprocess, &photos);
    if calibration.images() == 0 {
        return Err(Failure::Mistake(format!(
            "{}: none of its {} photos can be read; expected JPEG, PNG or WebP",
            arguments.calibrate.display(),
            photos.len()
        )));
    }
    let quantized = calibration.quantize().map_err(refused)?;
    quantized
        .write(&arguments.output)
        .map_err(|error| match error {
            ConvertError::Write(error) => Failure::system(error),
            error => Failure::mistake(error),
        })?;
    let summary = Summary {
        images: calibration.images(),
        skipped: photos.len() - calibration.images(),
        activations: calibration.activations().map_err(refused)?.len(),
        before: bytes(&trained.checkpoint),
        after: bytes(&quantized),
    };
    summary.print(arguments.json, out)?;
    Ok(ExitCode::SUCCESS)
}

/// What is told in the end.
struct Summary {
    images: usize,
    skipped: usize,
    activations: usize,
    before: u64,
    after: u64,
}

impl Summary {
    fn print(&self, json: bool, out: &mut impl Write) -> Result<(), Failure> {
        let &Self {
            images,
            skipped,
            activations,
            before,
            after,
        } = self;
        if json {
            let document = json!({
                "images": images,
                "skipped": skipped,
                "activations": activations,
                "bytes_before": before,
                "bytes_after": after,
            });
            writeln!(out, "{document:#}")?;
            return Ok(());
        }
        let (before, after) = (grouped(before), grouped(after));
        writeln!(
            out,
            "{images} images, {activations} activations; {before} bytes before, {after} after"
        )?;
        Ok(())
    }
}

/// Bytes of all tensors.
fn bytes(checkpoint: &Checkpoint) -> u64 {
    let tensors = checkpoint.tensors();
    tensors.map(|tensor| tensor.byte_len() as u64).sum()
}

fn check_output(arguments: &Quantize) -> Result<(), Failure> {
    let output = &arguments.output;
    let extension = output.extension().unwrap_or_default();
    if !extension.eq_ignore_ascii_case("safetensors") {
        return Err(Failure::Mistake(format!(
            "{}: expected a name that ends in .safetensors",
            output.display()
        )));
    }
    files::check_output(output, &[arguments.weights.given()])
}

/// The photos to calibrate with, not more than are asked for.
fn photos(arguments: &Quantize) -> Result<Vec<Photo>, Failure> {
    let folder = &arguments.calibrate;
    let mistake = |reason: &str| Err(Failure::Mistake(format!("{}: {reason}", folder.display())));
    if !folder.is_dir() {
        let found = if folder.exists() { "a file" } else { "nothing" };
        return mistake(&format!("expected a folder of photos, found {found}"));
    }
    let all = Photos::find(std::slice::from_ref(folder), true).list;
    if all.is_empty() {
        return mistake("no file in it is a photo by its name (.jpg, .jpeg, .png, .webp)");
    }
    let (count, most) = (all.len(), arguments.images.get());
    // Every photo whose number's share of `most` is a new whole one.
    let is_taken = |number: usize| number * most / count != (number + 1) * most / count;
    let photos = all.into_iter().enumerate();
    let photos = photos.filter(|(number, _)| most >= count || is_taken(*number));
    Ok(photos.map(|(_, photo)| photo).collect())
}

/// Observes each photo that can be read, and tells of the others.
fn observe(calibration: &mut Calibration, preprocess: &Preprocess, photos: &[Photo]) {
    let bar = progress(0, photos.len());
    for photo in photos {
        let image = match &photo.error {
            None => Image::open(&photo.path).map_err(|error| error.to_string()),
            Some(reason) => Err(format!("{}: {reason}", photo.path.display())),
        };
        match image {
            Ok(image) => calibration.observe(&preprocess.apply(&image)),
            Err(reason) => bar.suspend(|| complain(reason)),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
}

/// What is wrong with a network or its weights is the user's to mend.
fn refused(error: QuantizeError) -> Failure {
    match error {
        QuantizeError::Compile(error) => error.into(),
        error => Failure::mistake(error),
    }
}
