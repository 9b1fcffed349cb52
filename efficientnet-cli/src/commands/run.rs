//! `run`: a tensor to logits, features or a feature map, for comparing with Python.

use std::process::ExitCode;

use efficientnet::codegen;
use efficientnet::codegen::ir::Shape;
use efficientnet::interpreter::{Interpreter, Workspace};
use efficientnet::runtime::checkpoint::{Checkpoint, Flavour};
use efficientnet::runtime::npy::Array;
use efficientnet::spec::{Options, Output, Resolution};

use crate::arguments::{Layout, Run};
use crate::failure::{Failure, complain};
use crate::files;
use crate::network::{self, WeightsFile};

pub(crate) fn run(arguments: &Run) -> Result<ExitCode, Failure> {
    files::check_output(
        &arguments.output,
        &[arguments.weights.given(), &arguments.input],
    )?;
    let spec = network::spec(
        arguments.variant.spec.as_deref(),
        &arguments.variant.variant,
    )?;
    let batch = Batch::read(arguments)?;
    let weights = WeightsFile::open(&arguments.weights.fetch()?, &arguments.training)?;
    let held = weights.options();
    let options = Options {
        resolution: Some(Resolution {
            height: batch.height,
            width: batch.width,
        }),
        classes: choose(arguments.classes, held.classes),
        in_channels: choose(arguments.in_channels, held.in_channels),
        padding: held.padding,
    };
    let architecture = network::architecture(&spec, &arguments.variant.variant, &options)?;
    let channels = architecture.input.channels();
    if batch.channels != channels {
        let (path, found) = (arguments.input.display(), batch.channels);
        return Err(Failure::Mistake(format!(
            "{path}: the tensor has {found} channels, the network takes {channels}; \
             expected {}, see --layout",
            batch.layout_text(),
        )));
    }
    let output = architecture
        .output(&arguments.outputs)
        .map_err(|error| Failure::Mistake(format!("--outputs: {error}")))?;
    let precision = weights.precision(arguments.precision.map(Into::into));
    let plan = codegen::compile(&architecture, &[output], precision)?.plan;
    let model = weights.model(plan)?;
    if let WeightsFile::Checkpoint(trained) = &weights {
        warn_of_stem(&trained.checkpoint, &batch);
    }
    let result = batch.run(&model, output, &mut model.workspace());
    result.write(&arguments.output).map_err(Failure::system)?;
    if !result.data.iter().all(|value| value.is_finite()) {
        // Python computes them too: they are a result to compare.
        let path = arguments.output.display();
        let what = match output.is_map() {
            true => format!("values of {output}"),
            false => output.to_string(),
        };
        complain(format_args!("{path}: warning: not all {what} are finite"));
    }
    Ok(ExitCode::SUCCESS)
}

/// transformers pads its stem by (0, 1) whatever the input (`modeling_efficientnet.py`,
/// `EfficientNetEmbeddings`), which is SAME at even sizes only.
fn warn_of_stem(checkpoint: &Checkpoint, batch: &Batch) {
    let odd = !batch.height.is_multiple_of(2) || !batch.width.is_multiple_of(2);
    if checkpoint.flavour() == Some(Flavour::Transformers) && odd {
        complain(format_args!(
            "{}: warning: at {}x{} transformers computes something else: it pads its stem by (0, 1) \
             whatever the input, which is SAME padding at even sizes only",
            checkpoint.file(),
            batch.height,
            batch.width
        ));
    }
}

fn choose(given: Option<std::num::NonZeroUsize>, held: Option<usize>) -> Option<usize> {
    given.map(std::num::NonZeroUsize::get).or(held)
}

/// The input as read, with what its dimensions mean.
struct Batch {
    array: Array,
    layout: Layout,
    count: usize,
    height: usize,
    width: usize,
    channels: usize,
}

impl Batch {
    fn read(arguments: &Run) -> Result<Self, Failure> {
        let array = Array::read(&arguments.input).map_err(Failure::mistake)?;
        let (count, image) = match array.shape[..] {
            [count, a, b, c] => (count, [a, b, c]),
            [a, b, c] => (1, [a, b, c]),
            _ => {
                return Err(Failure::Mistake(format!(
                    "{}: the tensor has shape {:?}, expected 3 or 4 dimensions",
                    arguments.input.display(),
                    array.shape
                )));
            }
        };
        if array.data.is_empty() {
            return Err(Failure::Mistake(format!(
                "{}: the tensor has shape {:?}, which holds no values",
                arguments.input.display(),
                array.shape
            )));
        }
        let layout = arguments.layout;
        let [height, width, channels] = match layout {
            Layout::Nchw => [image[1], image[2], image[0]],
            Layout::Nhwc => image,
        };
        Ok(Self {
            array,
            layout,
            count,
            height,
            width,
            channels,
        })
    }

    fn layout_text(&self) -> &'static str {
        match self.layout {
            Layout::Nchw => "[batch, channels, height, width]",
            Layout::Nhwc => "[batch, height, width, channels]",
        }
    }

    /// The output of every image, in the user's layout: `[batch, length]`, or four dimensions of maps.
    fn run(&self, model: &Interpreter, output: Output, workspace: &mut Workspace) -> Array {
        let Shape {
            height,
            width,
            channels,
        } = model.plan().outputs[0].shape;
        let mut data = Vec::with_capacity(self.count * height * width * channels);
        let mut image = vec![0.0; self.height * self.width * self.channels];
        for source in self.array.data.chunks_exact(image.len()) {
            self.to_nhwc(source, &mut image);
            let values = model.forward(&image, workspace).first();
            match self.layout {
                Layout::Nhwc => data.extend_from_slice(values),
                Layout::Nchw => {
                    let plane = |channel| values.iter().skip(channel).step_by(channels);
                    data.extend((0..channels).flat_map(plane));
                }
            }
        }
        let shape = match self.layout {
            _ if !output.is_map() => vec![self.count, channels],
            Layout::Nhwc => vec![self.count, height, width, channels],
            Layout::Nchw => vec![self.count, channels, height, width],
        };
        Array { shape, data }
    }

    fn to_nhwc(&self, source: &[f32], image: &mut [f32]) {
        match self.layout {
            Layout::Nhwc => image.copy_from_slice(source),
            Layout::Nchw => {
                let pixels = self.height * self.width;
                for (channel, plane) in source.chunks_exact(pixels).enumerate() {
                    for (pixel, &value) in plane.iter().enumerate() {
                        image[pixel * self.channels + channel] = value;
                    }
                }
            }
        }
    }
}
