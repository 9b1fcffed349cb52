//! All variants at once: through `family!`, and ready-made behind features.

use efficientnet::Model;

/// All variants of the bundled spec.
mod family {
    efficientnet::family! { spec = "efficientnet" }
}

/// Some, with options.
mod some {
    efficientnet::family! {
        spec = "specs/lite.yaml",
        variants = ["lite0", "lite4"],
        classes = 10,
        resolution = 64,
        padding = "same",
        outputs = "features",
        bn_eps = 1e-4,
    }
}

/// Trainable parameters and resolution: the paper's models as torchvision counts and evaluates them.
#[test]
fn all_variants_have_the_parameters_of_the_paper() {
    fn check<M: Model>(parameters: u64, resolution: usize) {
        assert_eq!(M::PARAMETERS, parameters, "{}", M::NAME);
        assert_eq!(M::INPUT_SHAPE, [resolution, resolution, 3], "{}", M::NAME);
    }
    check::<family::B0>(5_288_548, 224);
    check::<family::B1>(7_794_184, 240);
    check::<family::B2>(9_109_994, 260);
    check::<family::B3>(12_233_232, 300);
    check::<family::B4>(19_341_616, 380);
    check::<family::B5>(30_389_784, 456);
    check::<family::B6>(43_040_704, 528);
    check::<family::B7>(66_347_960, 600);
}

#[test]
fn options_hold_for_every_variant() {
    assert_eq!(some::Lite0::INPUT_SHAPE, some::Lite4::INPUT_SHAPE);
    assert_eq!(some::Lite4::BATCH_NORM_EPSILON, Some(1e-4));
    assert_eq!(some::Lite4::OUTPUTS[0].name, "features");
    assert_eq!(some::Lite0::OUTPUTS[0].channels, 1280);
    assert_eq!(family::B0::BATCH_NORM_EPSILON, None);
}

#[test]
fn ready_made_models_are_those_of_the_family() {
    fn same<A: Model, B: Model>() {
        assert_eq!((A::NAME, A::MACS), (B::NAME, B::MACS));
        assert_eq!(A::LAYERS, B::LAYERS);
    }
    same::<efficientnet::B0, family::B0>();
    same::<efficientnet::B1, family::B1>();
    same::<efficientnet::B2, family::B2>();
    same::<efficientnet::B3, family::B3>();
    same::<efficientnet::B4, family::B4>();
    same::<efficientnet::B5, family::B5>();
    same::<efficientnet::B6, family::B6>();
    same::<efficientnet::B7, family::B7>();
}
