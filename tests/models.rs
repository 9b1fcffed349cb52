//! Models declared by the macro: the same bits as the interpreter, no allocation, what the trait says.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::{compiled, image, weights};
use efficientnet::Model;
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::Isa;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Padding, Resolution};

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
pub struct B0;

#[efficientnet::model(
    spec = "specs/efficientnet.yaml",
    variant = "b0",
    padding = "same",
    resolution = 75
)]
struct B0Odd;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b1",
    resolution = [97, 61],
    classes = 7,
    in_channels = 1
)]
pub(crate) struct B1Rectangular;

#[efficientnet::model(spec = "lite", variant = "lite0", padding = "same", resolution = [33, 64])]
struct Lite0;

#[efficientnet::model(spec = "efficientnet", variant = "b0", resolution = 32)]
struct B0Small;

#[efficientnet::model(spec = "lite", variant = "lite0", resolution = 1)]
struct Lite0Pixel;

#[efficientnet::model(
    spec = "efficientnetv2",
    variant = "v2_b0",
    padding = "same",
    resolution = [65, 80]
)]
struct V2B0;

#[efficientnet::model(
    spec = "mobilenetv3_small",
    variant = "mobilenetv3_small_100",
    resolution = 64
)]
struct MobileNetV3Small;

#[efficientnet::model(spec = "tests/specs/corners.yaml", variant = "c0")]
struct Corners;

/// Runs a model and the interpreter on the same weights and image, for every instruction set.
fn agree<M: Model>(
    spec: &str,
    variant: &str,
    options: &Options,
    forward: impl Fn(&M, &[f32]) -> Vec<f32>,
) {
    let compiled = compiled(spec, variant, options);
    let checkpoint = weights(&compiled);
    let [height, width, channels] = M::INPUT_SHAPE;
    let pixels = height * width * channels;
    let input = &image(5, height, width)[..pixels];
    for isa in Isa::available() {
        let load = LoadOptions {
            batch_norm_epsilon: None,
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let model = M::from_checkpoint(&checkpoint, &load).expect("it fits");
        let interpreter =
            Interpreter::new(compiled.plan.clone(), &checkpoint, &load).expect("it fits");
        let found = forward(&model, input);
        let mut workspace = interpreter.workspace();
        let expected = interpreter.forward(input, &mut workspace).first();
        assert!(expected.iter().all(|x| x.is_finite()));
        assert!(
            expected.iter().any(|&x| x != expected[0]),
            "the logits differ from each other"
        );
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&found), bits(expected), "{} with {isa}", M::NAME);
    }
}

/// The model's own `forward`, with its array types.
macro_rules! forward {
    ($model:ty) => {
        |model: &$model, input: &[f32]| {
            let input = input.try_into().expect("the length of the input");
            model.forward(input, &mut <$model>::workspace()).to_vec()
        }
    };
}

#[test]
fn macro_and_interpreter_agree_bit_for_bit() {
    agree::<B0>("efficientnet", "b0", &Options::default(), forward!(B0));
}

/// Fused blocks and blocks of convolutions with shortcuts; a head behind the pooling, with hard activations.
#[test]
fn they_agree_in_other_families() {
    let resolution = |height, width| Some(Resolution { height, width });
    let same = Options {
        resolution: resolution(65, 80),
        padding: Padding::Same,
        ..Options::default()
    };
    agree::<V2B0>("efficientnetv2", "v2_b0", &same, forward!(V2B0));
    let small = Options {
        resolution: resolution(64, 64),
        ..Options::default()
    };
    let variant = "mobilenetv3_small_100";
    let forward = forward!(MobileNetV3Small);
    agree::<MobileNetV3Small>("mobilenetv3_small", variant, &small, forward);
}

#[test]
fn they_agree_in_the_corners_of_the_language() {
    let default = Options::default();
    agree::<Corners>(
        "tests/specs/corners.yaml",
        "c0",
        &default,
        forward!(Corners),
    );
}

#[test]
fn they_agree_at_odd_sizes() {
    let resolution = Some(Resolution {
        height: 75,
        width: 75,
    });
    let options = Options {
        resolution,
        padding: Padding::Same,
        ..Options::default()
    };
    agree::<B0Odd>("efficientnet", "b0", &options, forward!(B0Odd));
}

#[test]
fn they_agree_at_rectangular_sizes_with_other_classes_and_channels() {
    let options = Options {
        resolution: Some(Resolution {
            height: 97,
            width: 61,
        }),
        classes: Some(7),
        in_channels: Some(1),
        ..Options::default()
    };
    agree::<B1Rectangular>("efficientnet", "b1", &options, forward!(B1Rectangular));
}

#[test]
fn they_agree_without_squeeze_excite() {
    let resolution = Some(Resolution {
        height: 33,
        width: 64,
    });
    let options = Options {
        resolution,
        padding: Padding::Same,
        ..Options::default()
    };
    agree::<Lite0>("lite", "lite0", &options, forward!(Lite0));
}

#[test]
fn they_agree_where_maps_shrink_to_a_pixel() {
    let square = |size| Options {
        resolution: Some(Resolution {
            height: size,
            width: size,
        }),
        ..Options::default()
    };
    agree::<B0Small>("efficientnet", "b0", &square(32), forward!(B0Small));
    agree::<Lite0Pixel>("lite", "lite0", &square(1), forward!(Lite0Pixel));
}

#[test]
fn constants_are_the_published_ones() {
    assert_eq!(B0::NAME, "efficientnet-b0");
    assert_eq!(B0::INPUT_SHAPE, [224, 224, 3]);
    assert_eq!(B0::CLASSES, 1000);
    // torchvision's documentation of EfficientNet_B0_Weights: num_params 5288548, 0.386 GFLOPs.
    assert_eq!(B0::PARAMETERS, 5_288_548);
    assert_eq!(B0::MACS / 1_000_000, 385);
    assert_eq!(B1Rectangular::CLASSES, 7);
    assert_eq!(B1Rectangular::INPUT_SHAPE, [97, 61, 1]);
}

#[test]
fn models_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<B0>();
    shared::<Interpreter>();
}

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting this thread's allocations.
struct Counting;

// SAFETY: every call goes to the system's allocator unchanged.
#[allow(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn forward_allocates_nothing() {
    let compiled = compiled("efficientnet", "b0", &Options::default());
    let checkpoint = weights(&compiled);
    let model = B0::from_checkpoint(&checkpoint, &LoadOptions::default()).expect("it fits");
    let interpreter =
        Interpreter::new(compiled.plan, &checkpoint, &LoadOptions::default()).expect("it fits");
    let input: Box<<B0 as Model>::Input> = image(1, 224, 224)
        .into_boxed_slice()
        .try_into()
        .expect("the length of the input");
    let (mut ours, mut theirs) = (B0::workspace(), interpreter.workspace());
    let before = ALLOCATIONS.with(Cell::get);
    assert!(before > 0, "the counter counts");
    let logits = model.forward(&input, &mut ours);
    let interpreted = interpreter.forward(&input[..], &mut theirs).first();
    let after = ALLOCATIONS.with(Cell::get);
    assert_eq!(after - before, 0, "allocations");
    assert_eq!(logits[..], interpreted[..]);
}
