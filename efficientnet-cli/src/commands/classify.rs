//! `classify`: photos to classes with probabilities.

mod explain;
mod heat;
mod stream;

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::ExitCode;

use efficientnet::codegen;
use efficientnet::codegen::plan::Precision;
use efficientnet::interpreter::{Interpreter, Outputs, Workspace};
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::image::{Image, Preprocess};
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Architecture, Output, Padding};
use efficientnet_lite0_weights::{LABELS, WEIGHTS};
use serde_json::{Value, json};

use crate::arguments::Classify;
use crate::failure::{Failure, MISTAKE, complain};
use crate::network::{self, Trained};
use explain::{Explainer, Explanation};

/// The variant whose weights are built in.
const BUILT_IN: &str = "lite0";

pub(crate) fn run(arguments: &Classify, out: &mut impl Write) -> Result<ExitCode, Failure> {
    if stream::is_meant(arguments)? {
        return stream::run(arguments, out);
    }
    explain::check(arguments)?;
    let classifier = Classifier::load(arguments)?;
    let mut workspace = classifier.model.workspace();
    let mut results = Vec::new();
    let mut failed = false;
    for path in &arguments.images {
        match classifier.classify(path, &mut workspace, arguments.top) {
            Ok(answer) if arguments.json => results.push(classifier.document(path, &answer)),
            Ok(answer) => classifier.print(out, path, &answer)?,
            Err(failure @ Failure::Mistake(_)) => {
                failed = true;
                complain(&failure);
            }
            Err(failure) => return Err(failure),
        }
    }
    if arguments.json {
        writeln!(out, "{:#}", json!({ "images": results }))?;
    }
    Ok(if failed {
        ExitCode::from(MISTAKE)
    } else {
        ExitCode::SUCCESS
    })
}

/// One class of a photo.
struct Guess<'a> {
    class: usize,
    label: &'a str,
    probability: f64,
}

/// What is said of one photo.
struct Answer<'a> {
    /// The most probable classes, the best first.
    top: Vec<Guess<'a>>,
    explanation: Option<Explanation>,
}

fn document(top: &[Guess<'_>]) -> Vec<Value> {
    top.iter()
        .map(|guess| {
            json!({
                "class": guess.class,
                "label": guess.label,
                "probability": guess.probability,
            })
        })
        .collect()
}

/// A network with what it needs to know of photos.
struct Classifier {
    model: Interpreter,
    preprocess: Preprocess,
    labels: Vec<String>,
    explainer: Option<Explainer>,
}

impl Classifier {
    fn load(arguments: &Classify) -> Result<Self, Failure> {
        let variant = &arguments.model;
        let spec = network::spec(arguments.spec.as_deref(), variant)?;
        let trained = weights(arguments)?;
        let (architecture, preprocess) = trained.for_photos(&spec, variant)?;
        let labels = labels(arguments.labels.as_deref(), architecture.classes)?;
        let precision = trained.precision(arguments.precision.map(Into::into));
        let explainer = explainer(arguments, &architecture, (&trained, precision), &labels)?;
        let plan = match explainer {
            Some(_) => {
                let outputs = [Output::Logits, Output::Head];
                codegen::compile(&architecture, &outputs, precision)?.plan
            }
            None => network::compile(&architecture, precision)?.plan,
        };
        let model =
            Interpreter::new(plan, &trained.checkpoint, &trained.load).map_err(Failure::mistake)?;
        Ok(Self {
            model,
            preprocess,
            labels,
            explainer,
        })
    }

    /// Classifies a photo and, where that is asked for, draws why.
    fn classify(
        &self,
        path: &Path,
        workspace: &mut Workspace,
        top: NonZeroUsize,
    ) -> Result<Answer<'_>, Failure> {
        let image = Image::open(path).map_err(Failure::mistake)?;
        let outputs = self.outputs(&image, workspace);
        let outputs =
            outputs.map_err(|reason| Failure::Mistake(format!("{}: {reason}", path.display())))?;
        let logits = outputs.first();
        let top = self.guesses(logits, top);
        let explanation = match (&self.explainer, outputs.get(Output::Head)) {
            (Some(explainer), Some(map)) => {
                let region = self.preprocess.region(image.width(), image.height());
                Some(explainer.explain(&image, region, (map, logits), top[0].class)?)
            }
            _ => None,
        };
        Ok(Answer { top, explanation })
    }

    /// The most probable classes of a photo, or why there are none, without its name.
    fn top(
        &self,
        path: &Path,
        workspace: &mut Workspace,
        top: NonZeroUsize,
    ) -> Result<Vec<Guess<'_>>, String> {
        let image = Image::open(path).map_err(|error| error.reason)?;
        let outputs = self.outputs(&image, workspace)?;
        Ok(self.guesses(outputs.first(), top))
    }

    /// What the network makes of a photo, or why that is nothing.
    fn outputs<'w>(
        &'w self,
        image: &Image,
        workspace: &'w mut Workspace,
    ) -> Result<Outputs<'w>, String> {
        let input = self.preprocess.apply(image);
        let outputs = self.model.forward(&input, workspace);
        let is_finite = outputs.first().iter().all(|logit| logit.is_finite());
        is_finite.then_some(outputs).ok_or_else(|| {
            "the network's output is not finite; the weights are damaged or another model's"
                .to_owned()
        })
    }

    /// Classes that are shown of a photo, of so many asked for.
    fn shown(&self, top: NonZeroUsize) -> usize {
        top.get().min(self.labels.len())
    }

    /// The most probable classes, the best first.
    fn guesses(&self, logits: &[f32], top: NonZeroUsize) -> Vec<Guess<'_>> {
        let probabilities = softmax(logits);
        let mut guesses: Vec<Guess<'_>> = probabilities
            .into_iter()
            .zip(&self.labels)
            .enumerate()
            .map(|(class, (probability, label))| Guess {
                class,
                label,
                probability,
            })
            .collect();
        guesses.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        guesses.truncate(top.get());
        guesses
    }

    fn print(&self, out: &mut impl Write, path: &Path, answer: &Answer<'_>) -> Result<(), Failure> {
        writeln!(out, "{}", path.display())?;
        for guess in &answer.top {
            let percent = guess.probability * 100.0;
            writeln!(out, "  {percent:5.1} %  {}", guess.label)?;
        }
        if let Some(explanation) = &answer.explanation {
            writeln!(out, "{}", explanation.text(&self.labels))?;
        }
        Ok(())
    }

    fn document(&self, path: &Path, answer: &Answer<'_>) -> Value {
        let mut document = json!({
            "path": path.to_string_lossy(),
            "top": document(&answer.top),
        });
        if let Some(explanation) = &answer.explanation {
            document["explanation"] = explanation.document(&self.labels);
        }
        document
    }
}

/// What draws why, where that is asked for.
fn explainer(
    arguments: &Classify,
    architecture: &Architecture,
    weights: (&Trained, Precision),
    labels: &[String],
) -> Result<Option<Explainer>, Failure> {
    let Some(path) = &arguments.explain else {
        return Ok(None);
    };
    let class = arguments.explain_class.as_deref();
    let class = class.map(|name| explain::class(name, labels)).transpose()?;
    Explainer::load(path, class, architecture, weights).map(Some)
}

/// The user's checkpoint, or the built-in one.
fn weights(arguments: &Classify) -> Result<Trained, Failure> {
    match &arguments.weights {
        Some(source) => Trained::open(&source.fetch()?, &arguments.training),
        None if arguments.training.is_given() => Err(Failure::mistake(
            "--padding, --bn-eps and --keras-rescaling say how --weights were trained; give these, too",
        )),
        None if arguments.model == BUILT_IN => {
            let checkpoint = Checkpoint::from_bytes(WEIGHTS, "built-in weights of lite0");
            Ok(Trained {
                checkpoint: checkpoint.map_err(Failure::system)?,
                padding: Padding::Same,
                load: LoadOptions::default(),
            })
        }
        None => Err(Failure::Mistake(format!(
            "the weights of `{}` are not built in, only those of `{BUILT_IN}`; \
             give a checkpoint with --weights",
            arguments.model
        ))),
    }
}

/// A label per class: the user's, ImageNet's where there are as many classes, or numbers.
fn labels(path: Option<&Path>, classes: usize) -> Result<Vec<String>, Failure> {
    let Some(path) = path else {
        let imagenet: Vec<String> = LABELS.lines().map(str::to_owned).collect();
        let numbers = || (0..classes).map(|class| format!("class {class}")).collect();
        return Ok(if imagenet.len() == classes {
            imagenet
        } else {
            numbers()
        });
    };
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::Mistake(format!("{}: {error}", path.display())))?;
    let labels: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    if labels.len() == classes {
        return Ok(labels);
    }
    Err(Failure::Mistake(format!(
        "{}: {} labels, the model has {classes} classes; expected one label a line",
        path.display(),
        labels.len()
    )))
}

/// Probabilities of logits, in f64.
fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits
        .iter()
        .fold(f32::NEG_INFINITY, |most, &x| most.max(x));
    let powers: Vec<f64> = logits.iter().map(|&x| f64::from(x - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
