//! Instructions that everything around the kernels takes, counted by callgrind, and those of a whole forward:
//! EfficientNet-B0 at 64 x 64. `efficientnet-runtime/benches/instructions.rs` says how to run and compare both.

#![allow(missing_docs, unreachable_pub, reason = "what macros generate")]

use efficientnet::codegen::plan::Plan;
use efficientnet::codegen::plan::Precision;
use efficientnet::codegen::{self, Compiled};
use efficientnet::interpreter::{Interpreter, Workspace};
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::synthetic;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Output, Resolution, Spec, bundled};
use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind, OutputFormat};

const SIZE: usize = 64;

fn text() -> &'static str {
    bundled("efficientnet").expect("a bundled spec")
}

/// All that a macro does before it writes Rust.
fn compiled(text: &str) -> Compiled {
    let spec = Spec::parse(text, "efficientnet").expect("a valid spec");
    let options = Options {
        resolution: Some(Resolution {
            height: SIZE,
            width: SIZE,
        }),
        ..Options::default()
    };
    let architecture = spec.architecture("b0", &options).expect("a variant");
    codegen::compile(&architecture, &[Output::Logits], Precision::F32).expect("it compiles")
}

fn network() -> (Plan, Checkpoint) {
    let compiled = compiled(text());
    let tensors = compiled.layers.all_tensors().into_iter();
    let tensors: Vec<_> = tensors.map(|tensor| (tensor.name, tensor.shape)).collect();
    let checkpoint = synthetic::checkpoint(&tensors, 0).expect("valid tensors");
    (compiled.plan, checkpoint)
}

fn packed((plan, checkpoint): (Plan, Checkpoint)) -> (Interpreter, Checkpoint) {
    let options = LoadOptions {
        isa: Some("avx2".parse::<Isa>().expect("counts are of AVX2")),
        ..LoadOptions::default()
    };
    let model = Interpreter::new(plan, &checkpoint, &options).expect("its weights");
    (model, checkpoint)
}

/// A model, its workspace and an image.
type Subject = (Interpreter, Workspace, Vec<f32>);

fn subject() -> Subject {
    let (model, _) = packed(network());
    let workspace = model.workspace();
    // Which values they are makes no difference, nor in which order.
    let image = synthetic::image(1, SIZE, SIZE, 3);
    (model, workspace, image)
}

#[library_benchmark]
#[bench::b0(text())]
fn compile(text: &str) -> Compiled {
    compiled(text)
}

#[library_benchmark]
#[bench::b0(network())]
fn pack(network: (Plan, Checkpoint)) -> (Interpreter, Checkpoint) {
    packed(network)
}

#[library_benchmark]
#[bench::b0(subject())]
fn forward((model, mut workspace, image): Subject) -> Subject {
    model.forward(&image, &mut workspace);
    (model, workspace, image)
}

library_benchmark_group!(name = network_b0, benchmarks = [compile, pack, forward]);
main!(
    config = LibraryBenchmarkConfig::default()
        .tool(Callgrind::with_args(["--cache-sim=no"]).format([EventKind::Ir]))
        // Hash maps are seeded at random.
        .output_format(OutputFormat::default().tolerance(0.1)),
    library_benchmark_groups = network_b0
);
