//! From a variant's name to something that runs.

mod quantized;

use std::fs;
use std::path::{Path, PathBuf};

use efficientnet::codegen::plan::{Plan, Precision};
use efficientnet::codegen::{self, Compiled};
use efficientnet::interpreter::{Interpreter, padding};
use efficientnet::runtime::checkpoint::{self, Checkpoint, Expected, Flavour};
use efficientnet::runtime::image::Preprocess;
use efficientnet::runtime::synthetic;
use efficientnet::runtime::weights::{LoadOptions, PackedFile};
use efficientnet::spec::{
    self, Architecture, BUNDLED, LayerGraph, Options, Output, Padding, Resolution, Spec,
};

use crate::arguments::{Switch, Training};
use crate::failure::Failure;

pub(crate) use quantized::{FloatWeights, input_range};

/// The spec that holds a variant: the one named, or the bundled one that has it.
pub(crate) fn spec(named: Option<&str>, variant: &str) -> Result<Spec, Failure> {
    match named {
        Some(name) => spec_named(name),
        None => bundled_with(variant),
    }
}

/// The bundled spec of a name, or the one in a file.
pub(crate) fn spec_named(name: &str) -> Result<Spec, Failure> {
    if let Some(text) = efficientnet::spec::bundled(name) {
        return Spec::parse(text, name).map_err(Failure::mistake);
    }
    let text = fs::read_to_string(name).map_err(|error| {
        let names = BUNDLED.map(|(name, _)| name);
        let near = efficientnet::spec::nearest(name, &names);
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Failure::Mistake(format!(
            "{name}: {error}; expected a YAML file or a bundled spec ({}){near}",
            names.join(", ")
        ))
    })?;
    Spec::parse(&text, name).map_err(Failure::mistake)
}

fn bundled_with(variant: &str) -> Result<Spec, Failure> {
    let mut known = Vec::new();
    for (name, text) in BUNDLED {
        let spec = Spec::parse(text, name).map_err(Failure::mistake)?;
        if spec.variant(variant).is_some() {
            return Ok(spec);
        }
        known.extend(spec.variants.iter().map(|variant| variant.name.to_string()));
    }
    let near = spec::nearest(variant, &known).map(|near| format!("; did you mean `{near}`?"));
    Err(Failure::Mistake(format!(
        "no bundled spec has a variant `{variant}`; there are {}; --spec names another spec{}",
        known.join(", "),
        near.unwrap_or_default()
    )))
}

/// Scales a variant.
pub(crate) fn architecture(
    spec: &Spec,
    variant: &str,
    options: &Options,
) -> Result<Architecture, Failure> {
    spec.architecture(variant, options)
        .map_err(Failure::mistake)
}

/// Compiles an architecture to a plan of its logits.
pub(crate) fn compile(
    architecture: &Architecture,
    precision: Precision,
) -> Result<Compiled, Failure> {
    Ok(codegen::compile(
        architecture,
        &[Output::Logits],
        precision,
    )?)
}

/// A checkpoint, and what follows from whose names its tensors have where options don't say.
pub(crate) struct Trained {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) padding: Padding,
    pub(crate) load: LoadOptions,
}

impl Trained {
    pub(crate) fn open(path: &Path, training: &Training) -> Result<Self, Failure> {
        let checkpoint = open_checkpoint(path)?;
        let flavour = checkpoint.flavour();
        check_training(&checkpoint, flavour, training)?;
        let of_library = flavour.and_then(Flavour::padding);
        let padding = match (training.padding, of_library) {
            (Some(given), _) => given.into(),
            (None, Some(of_library)) => of_runtime(of_library),
            // timm's names are the same for both; its own networks pad so.
            (None, None) => Padding::Symmetric,
        };
        Ok(Self {
            checkpoint,
            padding,
            load: LoadOptions {
                batch_norm_epsilon: training.bn_eps,
                keras_rescaling: training.keras_rescaling.map(|switch| switch == Switch::On),
                ..LoadOptions::default()
            },
        })
    }

    /// What the network is built with: classes and channels as the checkpoint holds.
    pub(crate) fn options(&self) -> Options {
        Options {
            resolution: None,
            classes: self.checkpoint.classes(),
            in_channels: self.checkpoint.in_channels(),
            padding: self.padding,
        }
    }

    /// A variant as photos are classified with it: at the resolution of whoever trained it, which is not always
    /// the paper's; and how photos are prepared.
    pub(crate) fn for_photos(
        &self,
        spec: &Spec,
        variant: &str,
    ) -> Result<(Architecture, Preprocess), Failure> {
        let (checkpoint, padding) = (&self.checkpoint, padding(self.padding));
        let photos = |size| Preprocess::for_checkpoint(checkpoint, padding, variant, size);
        let own = photos(None);
        let options = Options {
            resolution: own.map(|Preprocess { crop, .. }| Resolution {
                height: crop[0],
                width: crop[1],
            }),
            in_channels: None,
            ..self.options()
        };
        let architecture = architecture(spec, variant, &options)?;
        let (height, width) = architecture.input.size();
        let preprocess = own
            .or_else(|| photos(Some([height, width])))
            .ok_or_else(|| Failure::Mistake(format!("no resolution of `{variant}` is known")))?;
        Ok((architecture, preprocess))
    }

    /// The precision that was asked for, or the checkpoint's.
    pub(crate) fn precision(&self, asked: Option<Precision>) -> Precision {
        asked.unwrap_or_else(|| own_precision(&self.checkpoint))
    }

    /// Epsilon of batch norms, of which quantised networks have none.
    pub(crate) fn epsilon(&self) -> Option<f64> {
        let of_file = || self.checkpoint.batch_norm_epsilon(padding(self.padding));
        let has_norms = !self.checkpoint.is_quantized();
        has_norms.then(|| self.load.batch_norm_epsilon.unwrap_or_else(of_file))
    }

    /// An image (NHWC) as the first convolution reads it: Keras networks rescale and normalise it.
    pub(crate) fn preprocessed(&self, image: &[f32]) -> Result<Vec<f64>, Failure> {
        let values = image.iter().map(|&x| f64::from(x));
        let input = self.checkpoint.keras_input(self.load.keras_rescaling);
        Ok(match input.map_err(Failure::mistake)? {
            None => values.collect(),
            Some(input) => {
                let factors = input.scale.iter().zip(&input.shift).cycle();
                let values = values.zip(factors);
                values
                    .map(|(x, (scale, shift))| x * scale + shift)
                    .collect()
            }
        })
    }
}

/// A checkpoint's padding in the spec's words.
fn of_runtime(padding: checkpoint::Padding) -> Padding {
    match padding {
        checkpoint::Padding::Symmetric => Padding::Symmetric,
        checkpoint::Padding::Same => Padding::Same,
    }
}

/// Refuses options that a checkpoint of this library does not have.
fn check_training(
    checkpoint: &Checkpoint,
    flavour: Option<Flavour>,
    training: &Training,
) -> Result<(), Failure> {
    let Some(flavour) = flavour else {
        return Ok(());
    };
    let (file, library) = (checkpoint.file(), flavour.library());
    let given = training.padding.map(|given| padding(given.into()));
    match (given, flavour.padding()) {
        (Some(given), Some(own)) if given != own => {
            return Err(Failure::Mistake(format!(
                "{file}: the checkpoint is of {library}, which pads `{}`; leave out --padding {}",
                own.name(),
                given.name()
            )));
        }
        _ => {}
    }
    if training.keras_rescaling.is_some() && flavour != Flavour::Keras {
        return Err(Failure::Mistake(format!(
            "{file}: the checkpoint is of {library}; --keras-rescaling is for Keras's"
        )));
    }
    Ok(())
}

/// The file behind --weights.
pub(crate) enum WeightsFile {
    /// Of any framework.
    Checkpoint(Trained),
    /// Written by `weights pack`; where it lies, and the model that it is for.
    Packed(PathBuf, Options, Option<Precision>),
}

impl WeightsFile {
    pub(crate) fn open(path: &Path, training: &Training) -> Result<Self, Failure> {
        // What cannot be read is reported as a checkpoint that cannot.
        if !PackedFile::detect(path).unwrap_or(false) {
            return Trained::open(path, training).map(Self::Checkpoint);
        }
        if training.is_given() {
            return Err(Failure::Mistake(format!(
                "{}: these weights are packed: padding, epsilon and rescaling were chosen when they \
                 were; leave out the options",
                path.display()
            )));
        }
        let file = PackedFile::open(path).map_err(Failure::mistake)?;
        let header = file.header();
        let number = |number| usize::try_from(number).ok().filter(|&number| number > 0);
        let options = Options {
            resolution: None,
            classes: number(header.classes),
            in_channels: number(header.in_channels),
            // Another name is refused when the weights are.
            padding: checkpoint::Padding::from_name(&header.padding)
                .map_or(Padding::Symmetric, of_runtime),
        };
        let precision = Precision::from_name(&header.precision);
        Ok(Self::Packed(path.to_owned(), options, precision))
    }

    /// What the network is built with, as far as the file says.
    pub(crate) fn options(&self) -> Options {
        match self {
            Self::Checkpoint(trained) => trained.options(),
            Self::Packed(_, options, _) => options.clone(),
        }
    }

    /// The precision that was asked for, or that of the weights.
    pub(crate) fn precision(&self, asked: Option<Precision>) -> Precision {
        match self {
            Self::Checkpoint(trained) => trained.precision(asked),
            Self::Packed(_, _, precision) => asked.or(*precision).unwrap_or_default(),
        }
    }

    /// The network with these weights.
    pub(crate) fn model(&self, plan: Plan) -> Result<Interpreter, Failure> {
        let model = match self {
            Self::Checkpoint(trained) => Interpreter::new(plan, &trained.checkpoint, &trained.load),
            Self::Packed(path, ..) => Interpreter::load(plan, path, &LoadOptions::default()),
        };
        model.map_err(Failure::mistake)
    }
}

/// The synthetic image of a seed, NHWC.
pub(crate) fn synthetic_image(seed: u64, height: usize, width: usize, channels: usize) -> Vec<f32> {
    let (planes, pixels) = (
        synthetic::image(seed, height, width, channels),
        height * width,
    );
    let values = (0..planes.len()).map(|i| planes[i % channels * pixels + i / channels]);
    values.collect()
}

/// The precision that a checkpoint's tensors are for.
pub(crate) fn own_precision(checkpoint: &Checkpoint) -> Precision {
    match checkpoint.is_quantized() {
        true => Precision::Int8,
        false => Precision::F32,
    }
}

/// Opens a checkpoint.
pub(crate) fn open_checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    // What cannot be read is reported as a checkpoint that cannot.
    if PackedFile::detect(path).unwrap_or(false) {
        return Err(Failure::Mistake(format!(
            "{}: expected a checkpoint, found packed weights; give the checkpoint that they were \
             packed from",
            path.display()
        )));
    }
    Checkpoint::open(path).map_err(Failure::mistake)
}

/// The tensors of a graph, all of which a checkpoint for this precision has to hold.
pub(crate) fn expected(graph: &LayerGraph, precision: Precision) -> Vec<Expected> {
    let tensors = graph.all_tensors();
    match precision {
        Precision::F32 | Precision::Bf16 => {
            let tensors = tensors.into_iter();
            tensors
                .map(|tensor| Expected::needed(tensor.name, tensor.shape))
                .collect()
        }
        Precision::Int8 => quantized::expected(&tensors),
    }
}
