use super::*;
use crate::{LayerGraph, Options, Top, bundled};

fn spec() -> Spec {
    Spec::parse(bundled("efficientnet").unwrap(), "efficientnet.yaml").unwrap()
}

fn name() -> Name {
    Name::try_from("scaled".to_owned()).unwrap()
}

fn graph(spec: &Spec, variant: &Variant) -> LayerGraph {
    let architecture = spec.scale(variant, &Options::default()).unwrap();
    LayerGraph::build(&architecture, Top::With).unwrap()
}

/// Section 4: alpha 1.2, beta 1.1, gamma 1.15, "under constraint of alpha * beta^2 * gamma^2 ~ 2".
#[test]
fn the_paper_s_coefficients_nearly_double_the_cost() {
    let factors = spec().scaling.coefficients(1.0);
    assert_eq!(
        (factors.depth, factors.width, factors.resolution),
        (1.2, 1.1, 1.15)
    );
    assert!(
        (factors.cost() - 1.920_27).abs() < 1e-9,
        "{}",
        factors.cost()
    );
    // A power of the product, whatever the phi.
    for phi in [-2.0, -0.5, 0.0, 0.3, 7.0] {
        let cost = spec().scaling.coefficients(phi).cost();
        assert!((cost / 1.920_27_f64.powf(phi) - 1.0).abs() < 1e-12, "{phi}");
    }
}

#[test]
fn phi_0_is_the_baseline() {
    for family in ["efficientnet", "lite"] {
        let spec = Spec::parse(bundled(family).unwrap(), family).unwrap();
        let baseline = spec.baseline().unwrap();
        assert_eq!(
            spec.variant_at(0.0, baseline.name.clone()).unwrap(),
            *baseline
        );
    }
    assert_eq!(spec().baseline().unwrap().name.as_str(), "b0");
    // An odd resolution, too.
    let mut odd = spec();
    let mut variants = odd.variants.to_vec();
    variants[0].resolution = Side::try_from(225).unwrap();
    odd.variants = NonEmpty::new(variants).unwrap();
    let scaled = odd.variant_at(0.0, name()).unwrap();
    assert_eq!(scaled.resolution.get(), 225);
}

/// 224 * 1.15^phi, as a pocket calculator has it, to the nearest even number.
#[test]
fn resolutions_are_even_and_within_a_pixel_of_the_power() {
    let sides = [
        (-2.0, 169.38, 170),
        (-1.0, 194.78, 194),
        (0.5, 240.21, 240),
        (1.0, 257.6, 258),
        (2.0, 296.24, 296),
        (5.0, 450.54, 450),
        (7.0, 595.84, 596),
    ];
    for (phi, power, side) in sides {
        let scaled = spec().variant_at(phi, name()).unwrap();
        assert_eq!(scaled.resolution.get(), side, "{phi}");
        assert!((f64::from(side as u32) - power).abs() <= 1.0, "{phi}");
    }
}

/// From one whole phi to the next; the paper says about twice (section 3.3). Repeats round up, which
/// counts most in the first step: from 16 sub-blocks to 23, 1.44 times as many instead of 1.2.
#[test]
fn cost_roughly_doubles_with_each_phi() {
    let spec = spec();
    let macs: Vec<f64> = (0..=7)
        .map(|phi| spec.variant_at(f64::from(phi), name()).unwrap())
        .map(|variant| graph(&spec, &variant).total_macs() as f64)
        .collect();
    for (phi, pair) in macs.windows(2).enumerate() {
        let ratio = pair[1] / pair[0];
        assert!((1.6..2.6).contains(&ratio), "{phi}: {ratio}");
    }
    // Over all steps the roundings even out.
    let mean = (macs[7] / macs[0]).powf(1.0 / 7.0);
    assert!((1.9..2.1).contains(&mean), "{mean}");
}

/// The published coefficients of B0 to B7, on the baseline, make networks with timm's parameters.
#[test]
fn published_coefficients_give_the_published_parameters() {
    let table = [
        (1.0, 1.0, 224, 5_288_548),
        (1.0, 1.1, 240, 7_794_184),
        (1.1, 1.2, 260, 9_109_994),
        (1.2, 1.4, 300, 12_233_232),
        (1.4, 1.8, 380, 19_341_616),
        (1.6, 2.2, 456, 30_389_784),
        (1.8, 2.6, 528, 43_040_704),
        (2.0, 3.1, 600, 66_347_960),
    ];
    let spec = spec();
    for (width, depth, side, parameters) in table {
        let variant = Variant {
            name: name(),
            width: Coefficient::try_from(width).unwrap(),
            depth: Coefficient::try_from(depth).unwrap(),
            resolution: Side::try_from(side).unwrap(),
            dropout: spec.baseline().unwrap().dropout,
        };
        let graph = graph(&spec, &variant);
        assert_eq!(graph.total_trainable_parameters(), parameters, "{width}");
    }
}

#[test]
fn what_cannot_be_scaled_is_said() {
    let error = |phi| spec().variant_at(phi, name()).unwrap_err().to_string();
    assert_eq!(error(f64::NAN), "phi is NaN, expected a finite number");
    assert_eq!(error(f64::INFINITY), "phi is inf, expected a finite number");
    let coefficient = "expected a number more than 0 and at most 100; choose a phi nearer to 0";
    let deep = error(30.0);
    assert!(deep.starts_with("phi 30 makes depth 237."), "{deep}");
    assert!(deep.ends_with(coefficient), "{deep}");
    // The width is looked at first; the factor is not finite.
    assert_eq!(
        error(1e9),
        format!("phi 1000000000 makes width inf, {coefficient}")
    );
    assert_eq!(
        error(-50.0),
        "phi -50 makes resolution 0.0, expected a whole number from 1 to 65536; \
         choose a phi nearer to 0"
    );
    let mut spec = spec();
    spec.variants = NonEmpty::new(spec.variants[1..].to_vec()).unwrap();
    assert_eq!(
        spec.variant_at(1.0, name()).unwrap_err().to_string(),
        "efficientnet has no variant with width 1.0 and depth 1.0, whose resolution is scaled; add one"
    );
}

#[test]
fn a_scaled_spec_has_the_baseline_and_the_variant() {
    let spec = spec();
    let variant = spec.variant_at(1.5, name()).unwrap();
    let scaled = spec.with_scaled(&variant).unwrap();
    let read = Spec::parse(&scaled.to_string(), "scaled.yaml").unwrap();
    assert_eq!(read, scaled);
    assert_eq!(read.variant("scaled"), Some(&variant));
    let names: Vec<_> = read.variants.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["b0", "scaled"]);

    let b0 = spec.baseline().unwrap();
    assert_eq!(
        spec.with_scaled(b0).unwrap_err().to_string(),
        "the baseline is called `b0`; choose another name for the scaled variant"
    );
    let without = Spec {
        variants: NonEmpty::new(spec.variants[1..].to_vec()).unwrap(),
        ..spec
    };
    assert_eq!(&*without.with_scaled(&variant).unwrap().variants, [variant]);
}

/// B7: depth 3.1, width 2 and 600 pixels, for which the paper says no phi.
#[test]
fn exponents_are_the_inverse_of_powers() {
    let spec = spec();
    let factors = spec.scaling.coefficients(2.5);
    let exponents = spec.scaling.exponents(factors);
    for exponent in [exponents.depth, exponents.width, exponents.resolution] {
        assert!((exponent.unwrap() - 2.5).abs() < 1e-12);
    }
    assert!((spec.scaling.nearest_phi(factors).unwrap() - 2.5).abs() < 1e-12);

    let factors = spec
        .variant("b7")
        .unwrap()
        .factors(spec.baseline().unwrap());
    let exponents = spec.scaling.exponents(factors);
    let expected = [
        3.1_f64.log(1.2),
        2_f64.log(1.1),
        (600.0_f64 / 224.0).log(1.15),
    ];
    let found = [exponents.depth, exponents.width, exponents.resolution].map(Option::unwrap);
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found}, {expected}");
    }
    let phi = spec.scaling.nearest_phi(factors).unwrap();
    assert!(found[0] < phi && phi < found[1], "{phi}");
}

#[test]
fn a_base_of_one_has_no_exponent() {
    let mut scaling = spec().scaling;
    let one = Coefficient::try_from(1.0).unwrap();
    let factors = scaling.coefficients(1.0);
    scaling.alpha = one;
    assert_eq!(scaling.exponents(factors).depth, None);
    (scaling.beta, scaling.gamma) = (one, one);
    assert_eq!(scaling.nearest_phi(factors), None);
}
