//! Why a class: its activation map, whose mean is the logit but for the bias.
//!
//! Zhou et al., "Learning Deep Features for Discriminative Localization", 2016, section 2: where the
//! classifier works on the mean over the last map, the sum over channels can be drawn before that over
//! pixels.

use std::path::{Path, PathBuf};

use efficientnet::codegen::plan::Precision;
use efficientnet::runtime::checkpoint::Selection;
use efficientnet::runtime::files::write_atomically;
use efficientnet::runtime::image::{Image, Region};
use efficientnet::spec::{Architecture, LayerGraph, LayerOp, Output, Tensor, Top, nearest};
use serde_json::{Value, json};

use super::heat;
use crate::arguments::{Classify, Source};
use crate::failure::Failure;
use crate::network::{self, FloatWeights, Trained};
use crate::{files, text};

/// Refuses, before anything is loaded, what cannot become a picture.
pub(super) fn check(arguments: &Classify) -> Result<(), Failure> {
    let Some(path) = &arguments.explain else {
        return Ok(());
    };
    let [image] = &arguments.images[..] else {
        return Err(Failure::Mistake(format!(
            "--explain makes one picture of one photo, found {} photos; give one IMAGE",
            arguments.images.len()
        )));
    };
    let is_png = |extension: &std::ffi::OsStr| extension.eq_ignore_ascii_case("png");
    if !path.extension().is_some_and(is_png) {
        return Err(Failure::Mistake(format!(
            "{}: the picture is written as PNG; expected a name that ends in .png",
            path.display()
        )));
    }
    let others = [Some(image), arguments.labels.as_ref()]
        .into_iter()
        .flatten();
    let weights = arguments.weights.as_ref().map(Source::given);
    let inputs: Vec<&Path> = others.map(PathBuf::as_path).chain(weights).collect();
    files::check_output(path, &inputs)
}

/// The class that the command line names, by its label or number.
pub(super) fn class(name: &str, labels: &[String]) -> Result<usize, Failure> {
    let is_named = |label: &String| label.eq_ignore_ascii_case(name);
    let named: Vec<usize> = (0..labels.len())
        .filter(|&class| is_named(&labels[class]))
        .collect();
    match (&named[..], name.parse::<usize>()) {
        ([class], _) => Ok(*class),
        ([], Ok(class)) if class < labels.len() => Ok(class),
        ([], Ok(_)) => Err(Failure::Mistake(format!(
            "--explain-class {name}: expected a class from 0 to {}",
            labels.len().saturating_sub(1)
        ))),
        ([], Err(_)) => Err(Failure::Mistake(match nearest(name, labels) {
            Some(near) => format!("no class is called `{name}`; did you mean `{near}`?"),
            None => format!("no class is called `{name}`; expected a label or a number"),
        })),
        (several, _) => {
            let numbers: Vec<String> = several.iter().map(usize::to_string).collect();
            let numbers = text::list(&numbers);
            Err(Failure::Mistake(format!(
                "{} classes are called `{name}`: {numbers}; give the number",
                several.len()
            )))
        }
    }
}

/// What it takes to draw the map of a class: the classifier's weights.
pub(super) struct Explainer {
    file: PathBuf,
    /// The class that was asked for; otherwise the most probable.
    class: Option<usize>,
    /// Rows and columns of the last map.
    size: (usize, usize),
    /// A row of channels for each class.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Explainer {
    /// Reads the classifier of a network.
    ///
    /// # Errors
    /// If the classifier does not work on the mean over a map; as loading its weights.
    pub(super) fn load(
        file: &Path,
        class: Option<usize>,
        architecture: &Architecture,
        (trained, precision): (&Trained, Precision),
    ) -> Result<Self, Failure> {
        let graph = LayerGraph::build(architecture, Top::With).map_err(Failure::mistake)?;
        let map = graph.output(Output::Head).ok_or_else(|| {
            Failure::Mistake(format!(
                "{}: --explain needs a classifier on the mean over the last map, whose pixels then add \
                 up to the logit; here a layer with an activation stands between; leave out --explain or \
                 choose another --model",
                architecture.variant
            ))
        })?;
        let [weights, bias] = classifier(&graph)?;
        let expected = network::expected(&graph, precision);
        let selection = trained.checkpoint.select(&expected);
        let selection: Selection<'_> = selection.map_err(Failure::mistake)?;
        let mut floats = FloatWeights::new(&selection, precision);
        let mut read = |tensor| floats.read(tensor).map_err(Failure::mistake);
        Ok(Self {
            file: file.to_owned(),
            class,
            size: graph.layer(map).output.size(),
            weights: read(&weights)?,
            bias: read(&bias)?,
        })
    }

    /// Draws why a photo is of a class, and writes the picture.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn explain(
        &self,
        photo: &Image,
        region: Region,
        (map, logits): (&[f32], &[f32]),
        likeliest: usize,
    ) -> Result<Explanation, Failure> {
        let class = self.class.unwrap_or(likeliest);
        let values = self.activation_map(map, class);
        let picture = heat::picture(photo, region, &values);
        write_atomically(&self.file, |file| picture.write_png(file)).map_err(Failure::system)?;
        Ok(Explanation {
            file: self.file.clone(),
            class,
            logit: f64::from(logits[class]),
            bias: f64::from(self.bias[class]),
            map: values,
        })
    }

    /// At each pixel the product of its channels with a class's row of the classifier, in f64.
    fn activation_map(&self, map: &[f32], class: usize) -> Map {
        let (rows, columns) = self.size;
        let channels = map.len() / (rows * columns);
        let weights = &self.weights[class * channels..][..channels];
        let product = |pixel: &[f32]| -> f64 {
            let pairs = pixel.iter().zip(weights);
            pairs.map(|(&x, &w)| f64::from(x) * f64::from(w)).sum()
        };
        Map {
            columns,
            values: map.chunks_exact(channels).map(product).collect(),
        }
    }
}

/// The classifier's weights and bias.
fn classifier(graph: &LayerGraph) -> Result<[Tensor; 2], Failure> {
    let dense = graph
        .layers()
        .find(|(_, layer)| matches!(layer.op, LayerOp::Dense { .. }));
    let tensors = dense.map(|(id, _)| graph.tensors(id));
    tensors
        .unwrap_or_default()
        .try_into()
        .map_err(|_| Failure::Program("the graph has no classifier with weights and bias".into()))
}

/// Values of a class at the pixels of the last map.
pub(super) struct Map {
    pub(super) columns: usize,
    /// Row by row.
    pub(super) values: Vec<f64>,
}

impl Map {
    pub(super) fn most(&self) -> f64 {
        self.values
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max)
    }

    fn least(&self) -> f64 {
        self.values.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }
}

/// A picture that was written, and what it shows.
pub(super) struct Explanation {
    file: PathBuf,
    class: usize,
    logit: f64,
    bias: f64,
    map: Map,
}

impl Explanation {
    /// One line for people.
    pub(super) fn text(&self, labels: &[String]) -> String {
        format!(
            "{}: what speaks for `{}`: {} x {} values from {:.2} to {:.2}, mean + bias = logit {:.2}",
            self.file.display(),
            labels[self.class],
            self.map.rows().count(),
            self.map.columns,
            self.map.least(),
            self.map.most(),
            self.logit,
        )
    }

    pub(super) fn document(&self, labels: &[String]) -> Value {
        json!({
            "file": self.file.to_string_lossy(),
            "class": self.class,
            "label": labels[self.class],
            "logit": self.logit,
            "bias": self.bias,
            "map": self.map.rows().collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_a_label_or_a_number() {
        let labels = ["tabby", "crane", "crane", "7"].map(str::to_owned);
        let found = |name| class(name, &labels).map_err(|failure| failure.to_string());
        assert_eq!(found("Tabby"), Ok(0));
        assert_eq!(found("1"), Ok(1));
        assert_eq!(found("7"), Ok(3));
        let several = found("crane").unwrap_err();
        assert!(several.contains("1 and 2; give the number"), "{several}");
        let near = found("taby").unwrap_err();
        assert!(near.contains("did you mean `tabby`?"), "{near}");
        assert!(found("4").unwrap_err().contains("from 0 to 3"));
    }

    #[test]
    fn a_map_is_each_pixel_s_product_with_the_class_s_row() {
        let explainer = Explainer {
            file: PathBuf::new(),
            class: None,
            size: (1, 2),
            weights: vec![1.0, 1.0, 1.0, 2.0, 0.0, -1.0],
            bias: vec![0.0; 2],
        };
        let map = explainer.activation_map(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 1);
        assert_eq!((map.columns, map.values), (2, vec![-1.0, 2.0]));
    }
}
