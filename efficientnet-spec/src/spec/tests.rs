use super::values::Scalar;
use super::*;
use crate::bundled;

fn spec() -> Spec {
    Spec::parse(bundled("efficientnet").unwrap(), "efficientnet.yaml").unwrap()
}

#[test]
fn the_verifier_names_the_variant() {
    let mut spec = spec();
    let mut variants = spec.variants.to_vec();
    variants[3].name = variants[1].name.clone();
    variants[7].width = Coefficient::try_from(100.0).unwrap();
    spec.head.channels = Channels::try_from(100_000).unwrap();
    spec.variants = NonEmpty::new(variants).unwrap();
    assert_eq!(
        spec.verify().unwrap_err().to_string(),
        "variant `b1`: a variant before it has the same name\n\
         variant `b7`: head: number of channels is 10000000, expected 1 to 1048576"
    );
}

#[test]
fn values_keep_out_what_a_network_cannot_have() {
    assert!(Channels::try_from(0).is_err() && Channels::try_from(usize::MAX).is_err());
    assert!(
        [0, 2, 4, 33]
            .into_iter()
            .all(|kernel| Kernel::try_from(kernel).is_err())
    );
    assert!(
        [0, 3]
            .into_iter()
            .all(|stride| Stride::try_from(stride).is_err())
    );
    let never = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1];
    assert!(
        never
            .into_iter()
            .all(|number| Coefficient::try_from(number).is_err())
    );
    assert!(
        never
            .into_iter()
            .all(|number| Share::try_from(number).is_err())
    );
    assert!(
        never
            .into_iter()
            .all(|number| Rate::try_from(number).is_err())
    );
    assert!(Coefficient::try_from(0.0).is_err() && Share::try_from(0.0).is_err());
    assert!(Rate::try_from(0.0).is_ok() && Rate::try_from(1.0).is_err());
    assert!(Share::try_from(1.0).is_ok() && Share::try_from(1.1).is_err());
    let names = ["", "B0", "0b", "b 0", "b:", "bé", "null"];
    assert!(
        names
            .into_iter()
            .all(|name| Name::try_from(name.to_string()).is_err())
    );
    assert_eq!(
        Rate::try_from(2.0).unwrap_err().to_string(),
        "expected a number, 0 or more and less than 1"
    );
}

/// `round_filters` and `round_repeats` of the reference implementation, evaluated in Python.
#[test]
fn rounding_is_the_reference_s() {
    let mut spec = spec();
    let scaled = |spec: &Spec, width: f64, depth: f64| {
        let variant = Variant {
            width: Coefficient::try_from(width).unwrap(),
            depth: Coefficient::try_from(depth).unwrap(),
            ..spec.variants[0].clone()
        };
        spec.scale(&variant, &crate::Options::default()).unwrap()
    };
    // 16 * 0.25 = 4 stays at the least multiple; 24 * 0.85 = 20.4 rounds up to 24; 32 * 0.85 = 27.2
    // rounds to 24, which is below 90 % of it, so 32.
    assert_eq!(scaled(&spec, 0.25, 1.0).blocks[0].out_channels, 8);
    let narrow = scaled(&spec, 0.85, 1.0);
    assert_eq!(
        (narrow.blocks[1].out_channels, narrow.stem.channels),
        (24, 32)
    );
    // math.ceil(2.2 * 25) == 56: the product in double precision is a trifle above 55.
    let mut blocks = spec.blocks.to_vec();
    blocks[2].repeats = Repeats::try_from(25).unwrap();
    spec.blocks = NonEmpty::new(blocks).unwrap();
    assert_eq!(scaled(&spec, 1.0, 2.2).blocks[2].repeats, 56);
}

#[test]
fn every_activation_reads_as_it_prints() {
    let crate::diagnostics::Expected::OneOf(names) = Activation::EXPECTED else {
        panic!()
    };
    for name in names {
        let read = Activation::try_from((*name).to_owned()).unwrap();
        assert_eq!(read.to_string(), *name);
    }
}
