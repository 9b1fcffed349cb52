//! Median latency of a variant on synthetic weights, one thread, in milliseconds:
//! `cargo run --release --example latency -- b0 40`.

use std::error::Error;
use std::time::Instant;

use efficientnet::codegen;
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::synthetic;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Output, Spec, bundled};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let variant = arguments.next().unwrap_or_else(|| "b0".to_owned());
    let runs: usize = arguments.next().map_or(Ok(40), |runs| runs.parse())?;
    let family = if variant.starts_with("lite") {
        "lite"
    } else {
        "efficientnet"
    };
    let spec = Spec::parse(bundled(family).unwrap_or_default(), family)?;
    let architecture = spec.architecture(&variant, &Options::default())?;
    let compiled = codegen::compile(&architecture, &[Output::Logits])?;
    let tensors = compiled.layers.all_tensors();
    let named: Vec<_> = tensors
        .into_iter()
        .map(|tensor| (tensor.name, tensor.shape))
        .collect();
    let checkpoint = synthetic::checkpoint(&named, 0)?;
    let model = Interpreter::new(compiled.plan, &checkpoint, &LoadOptions::default())?;
    let shape = model.plan().input;
    let image = synthetic::image(1, shape.height, shape.width, shape.channels);
    let mut workspace = model.workspace();
    let mut times = Vec::new();
    for _ in 0..runs.max(1) {
        let start = Instant::now();
        model.forward(&image, &mut workspace);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!("{:.3}", times[times.len() / 2]);
    Ok(())
}
