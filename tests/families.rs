//! Logits of other families against timm's: none of them has a line of Rust, all are spec files.

mod common;

use std::fs;
use std::path::Path;

use common::{Image, compiled, relative_error, weights};
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::Isa;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Padding, Resolution};
use serde::Deserialize;

/// One file of `tests/goldens/families`: the network with few classes, on synthetic weights.
#[derive(Deserialize)]
struct Golden {
    bn_eps: f64,
    padding: String,
    classes: usize,
    /// Trainable ones, with the usual 1000 classes.
    parameters: u64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    image: Image,
    logits: Vec<f32>,
}

/// A test for every golden.
macro_rules! agrees {
    ($($golden:ident: $spec:literal, $variant:literal;)*) => {
        $(
            #[test]
            fn $golden() {
                check(stringify!($golden), $spec, $variant);
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($golden)),*];
    };
}

agrees! {
    tf_efficientnet_lite0: "lite", "lite0";
    tf_efficientnet_lite1: "lite", "lite1";
    tf_efficientnet_lite2: "lite", "lite2";
    tf_efficientnet_lite3: "lite", "lite3";
    tf_efficientnet_lite4: "lite", "lite4";
    tf_efficientnet_b8: "efficientnet", "b8";
    tf_efficientnet_l2: "efficientnet", "l2";
    efficientnet_es: "edgetpu", "es";
    efficientnet_em: "edgetpu", "em";
    efficientnet_el: "edgetpu", "el";
    tf_efficientnetv2_b0: "efficientnetv2", "v2_b0";
    tf_efficientnetv2_b1: "efficientnetv2", "v2_b1";
    tf_efficientnetv2_b2: "efficientnetv2", "v2_b2";
    tf_efficientnetv2_b3: "efficientnetv2", "v2_b3";
    tf_efficientnetv2_s: "efficientnetv2_s", "v2_s";
    tf_efficientnetv2_m: "efficientnetv2_m", "v2_m";
    tf_efficientnetv2_l: "efficientnetv2_l", "v2_l";
    mobilenetv2_100: "mobilenetv2", "mobilenetv2_100";
    mobilenetv3_small_100: "mobilenetv3_small", "mobilenetv3_small_100";
    mobilenetv3_large_100: "mobilenetv3_large", "mobilenetv3_large_100";
    semnasnet_100: "mnasnet", "semnasnet_100";
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/families")
}

#[test]
fn every_golden_is_tested() {
    let files = fs::read_dir(folder()).expect("the goldens are committed");
    for file in files {
        let path = file.expect("readable").path();
        let name = path.file_stem().expect("a file").to_string_lossy();
        assert!(TESTED.contains(&&*name), "{name}");
    }
}

fn check(golden: &str, spec: &str, variant: &str) {
    let path = folder().join(format!("{golden}.json"));
    let text = fs::read_to_string(&path).expect("the golden is committed");
    let golden: Golden = serde_json::from_str(&text).expect("the golden is valid");
    let usual = compiled(spec, variant, &Options::default());
    assert_eq!(usual.layers.total_trainable_parameters(), golden.parameters);
    for case in &golden.cases {
        check_case(&golden, case, spec, variant);
    }
}

fn check_case(golden: &Golden, case: &Case, spec: &str, variant: &str) {
    let options = Options {
        resolution: Some(Resolution {
            height: case.image.height,
            width: case.image.width,
        }),
        classes: Some(golden.classes),
        padding: match golden.padding.as_str() {
            "same" => Padding::Same,
            _ => Padding::Symmetric,
        },
        ..Options::default()
    };
    let compiled = compiled(spec, variant, &options);
    let checkpoint = weights(&compiled);
    // The largest has 480 million parameters; what instruction sets compute, the others show.
    let all = golden.parameters < 100_000_000;
    let isas = Isa::available().into_iter();
    for isa in isas.take(if all { usize::MAX } else { 1 }) {
        let load = LoadOptions {
            batch_norm_epsilon: Some(golden.bn_eps),
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let plan = compiled.plan.clone();
        let model = Interpreter::new(plan, &checkpoint, &load).expect("it fits");
        let mut workspace = model.workspace();
        let logits = model.forward(&case.image.pixels(), &mut workspace);
        let error = relative_error(logits.first(), &case.logits);
        assert!(error < 1e-4, "{isa}: relative error {error:e}");
    }
}
