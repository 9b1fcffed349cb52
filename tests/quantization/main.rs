//! Quantised checkpoints, computed with in plain integer arithmetic, against the network in f32.

mod integers;

use std::path::{Path, PathBuf};

use efficientnet::codegen::{
    compile, compile_unfused,
    plan::{Plan, Precision},
};
use efficientnet::interpreter::Interpreter;
use efficientnet::quantization::Calibration;
use efficientnet::runtime::Padding;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::image::{Image, Preprocess};
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{self, Architecture, Options, Output, Spec, bundled};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn lite0() -> Architecture {
    let spec = Spec::parse(bundled("lite").expect("bundled"), "lite").expect("valid");
    let options = Options {
        padding: spec::Padding::Same,
        ..Options::default()
    };
    spec.architecture("lite0", &options).expect("a variant")
}

/// crops of a photo as network inputs
fn crops(path: &Path, preprocess: &Preprocess, n: usize, seed: u64) -> Vec<Vec<f32>> {
    let image = Image::open(path).expect("a photo");
    let mut out = vec![preprocess.apply(&image)];
    let mut state = seed;
    let mut next = |m: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((state >> 33) as usize) % m.max(1)
    };
    let (w, h) = (image.width(), image.height());
    for _ in 1..n {
        let short = w.min(h);
        let side = short * (35 + next(60)) / 100;
        let (x0, y0) = (next(w - side), next(h - side));
        let gain = 0.6 + next(80) as f64 / 100.0;
        let flip = next(2) == 1;
        let mut px = Vec::with_capacity(side * side * 3);
        for y in 0..side {
            for x in 0..side {
                for c in 0..3 {
                    let xx = if flip { side - 1 - x } else { x };
                    let v = image.pixels()[((y0 + y) * w + x0 + xx) * 3 + c];
                    px.push((f64::from(v) * gain).min(255.0) as u8);
                }
            }
        }
        out.push(preprocess.apply(&Image::new(side, side, px).expect("image")));
    }
    out
}

fn argmax(x: &[f32]) -> usize {
    (0..x.len()).max_by(|&a, &b| x[a].total_cmp(&x[b])).unwrap()
}

#[test]
fn experiment() {
    let n: usize = std::env::var("QN").map_or(1, |x| x.parse().unwrap());
    let weights = std::env::var("QWEIGHTS").unwrap();
    let checkpoint = Checkpoint::open(root().join(weights)).unwrap();
    let architecture = lite0();
    let preprocess = Preprocess::for_checkpoint(&checkpoint, Padding::Same, "lite0", None).unwrap();
    let dir = std::env::var("QPHOTOS").unwrap();
    let mut photos: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jpg"))
        .collect();
    photos.sort();
    let calibrate_n: usize = std::env::var("QCAL").map_or(1, |x| x.parse().unwrap());
    let held_out = std::env::var("QHOLD").is_ok();
    let plan: Plan = compile_unfused(&architecture, &[Output::Logits])
        .unwrap()
        .plan;
    let float = Interpreter::new(
        compile(&architecture, &[Output::Logits], Precision::F32)
            .unwrap()
            .plan,
        &checkpoint,
        &LoadOptions::default(),
    )
    .unwrap();
    let quantize = |photos: &[&PathBuf]| {
        let mut calibration =
            Calibration::new(&architecture, &checkpoint, &LoadOptions::default()).unwrap();
        for p in photos {
            for crop in crops(p, &preprocess, calibrate_n, 7) {
                calibration.observe(&crop);
            }
        }
        calibration.quantize().unwrap()
    };
    let all: Vec<&PathBuf> = photos.iter().collect();
    let common = quantize(&all);
    let results: Vec<(usize, usize, f64, f64, f64)> = std::thread::scope(|s| {
        let handles: Vec<_> = photos.iter().map(|p| { let (common, plan, float, preprocess, all, quantize) = (&common, &plan, &float, &preprocess, &all, &quantize); s.spawn(move || {
            let own;
            let q = if held_out { let others: Vec<&PathBuf> = all.iter().copied().filter(|x| *x != p).collect(); own = quantize(&others); &own } else { common };
            let mut ws = float.workspace();
            let (mut agree, mut count, mut mean, mut worst, mut rel) = (0, 0, 0.0, 0.0f64, 0.0);
            for crop in crops(p, preprocess, n, 99) {
                let f = float.forward(&crop, &mut ws).first().to_vec();
                let i = integers::forward(plan, q, &crop);
                agree += usize::from(argmax(&f) == argmax(&i)); count += 1;
                let m: f64 = f.iter().zip(&i).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / f.len() as f64;
                let mx = f.iter().zip(&i).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
                let top = f.iter().fold(0.0f32, |a, b| a.max(b.abs()));
                mean += m; worst = worst.max(mx / f64::from(top)); rel += m / f64::from(top);
            }
            println!("{}: top-1 {agree}/{count}, mean error {:.4}, mean/largest {:.4}, worst/largest {worst:.4}", p.file_name().unwrap().display(), mean / count as f64, rel / count as f64);
            (agree, count, mean, worst, rel)
        })}).collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    let a: usize = results.iter().map(|r| r.0).sum();
    let c: usize = results.iter().map(|r| r.1).sum();
    println!(
        "ALL top-1 {a}/{c} mean {:.4} rel {:.4} worst {:.4}",
        results.iter().map(|r| r.2).sum::<f64>() / c as f64,
        results.iter().map(|r| r.4).sum::<f64>() / c as f64,
        results.iter().map(|r| r.3).fold(0.0, f64::max)
    );
}
