//! Threads: the same bits however many compute an image, and whatever they share; many images at once.

mod common;

use common::{compiled, image, weights};
use efficientnet::codegen::plan::{Kernel, Plan, Split};
use efficientnet::interpreter::Interpreter;
use efficientnet::runtime::Isa;
use efficientnet::runtime::checkpoint::Checkpoint;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Padding, Resolution};
use efficientnet::{B0, Model, Threads};

#[efficientnet::model(spec = "efficientnet", variant = "b0", padding = "same", resolution = [75, 48])]
struct B0Small;

#[efficientnet::model(spec = "lite", variant = "lite0", resolution = 97)]
struct Lite0;

fn bits(values: &[f32]) -> Vec<u32> {
    assert!(values.iter().all(|x| x.is_finite()));
    assert!(values.iter().any(|&x| x != values[0]), "the values differ");
    values.iter().map(|x| x.to_bits()).collect()
}

fn threads(count: usize) -> Threads {
    let threads = Threads::new(count).expect("the system has threads");
    assert_eq!(threads.count(), count);
    threads
}

/// Everything of one model but its forward.
struct Subject {
    plan: Plan,
    checkpoint: Checkpoint,
    image: Vec<f32>,
}

impl Subject {
    fn new<M: Model>(spec: &str, variant: &str) -> Self {
        let [height, width, _] = M::INPUT_SHAPE;
        let padding = match M::PADDING {
            efficientnet::runtime::Padding::Symmetric => Padding::Symmetric,
            efficientnet::runtime::Padding::Same => Padding::Same,
        };
        let options = Options {
            resolution: Some(Resolution { height, width }),
            padding,
            ..Options::default()
        };
        let compiled = compiled(spec, variant, &options);
        Self {
            checkpoint: weights(&compiled),
            plan: compiled.plan,
            image: image(11, height, width),
        }
    }

    fn interpreter(&self, plan: &Plan, load: &LoadOptions) -> Interpreter {
        Interpreter::new(plan.clone(), &self.checkpoint, load).expect("it fits")
    }

    /// Logits of a plan, computed by some threads, twice in the same workspace.
    fn interpreted(&self, plan: &Plan, load: &LoadOptions, count: usize) -> Vec<u32> {
        let interpreter = self.interpreter(plan, load);
        let mut workspace = interpreter.workspace_with(&threads(count));
        let first = bits(interpreter.forward(&self.image, &mut workspace).first());
        let second = bits(interpreter.forward(&self.image, &mut workspace).first());
        assert_eq!(first, second, "what a workspace holds does not matter");
        first
    }
}

/// Macro and interpreter give the same bits with any number of threads.
macro_rules! any_number_of_threads {
    ($model:ty, $spec:literal, $variant:literal, $counts:expr) => {
        let subject = Subject::new::<$model>($spec, $variant);
        let input = subject.image[..].try_into().expect("the image's length");
        for isa in Isa::available() {
            let load = LoadOptions {
                isa: Some(isa),
                ..LoadOptions::default()
            };
            let model = <$model>::from_checkpoint(&subject.checkpoint, &load).expect("it fits");
            let alone = bits(model.forward(input, &mut <$model>::workspace()));
            for count in $counts {
                let mut workspace = <$model>::workspace_with(&threads(count));
                let together = bits(model.forward(input, &mut workspace));
                let name = <$model>::NAME;
                assert!(together == alone, "{name}, {isa}, {count} threads");
                let interpreted = subject.interpreted(&subject.plan, &load, count);
                assert!(
                    interpreted == alone,
                    "{name} interpreted, {isa}, {count} threads"
                );
            }
        }
    };
}

#[test]
fn threads_change_nothing() {
    any_number_of_threads!(B0, "efficientnet", "b0", [1, 2, 3, 8]);
}

#[test]
fn threads_change_nothing_at_small_sizes() {
    any_number_of_threads!(B0Small, "efficientnet", "b0", 1..=8);
    any_number_of_threads!(Lite0, "lite", "lite0", 1..=8);
}

/// The plan with every call shared along one axis.
fn all_by(plan: &Plan, axis: Split) -> Plan {
    let mut plan = plan.clone();
    for call in &mut plan.calls {
        if let Kernel::Pointwise { split, .. }
        | Kernel::Depthwise { split, .. }
        | Kernel::DepthFirst { split, .. } = &mut call.kernel
        {
            *split = axis;
        }
    }
    assert_eq!(plan.verify(), Ok(()));
    plan
}

#[test]
fn what_threads_share_changes_nothing() {
    let subject = Subject::new::<B0Small>("efficientnet", "b0");
    for isa in Isa::available() {
        let load = LoadOptions {
            isa: Some(isa),
            ..LoadOptions::default()
        };
        let expected = subject.interpreted(&subject.plan, &load, 1);
        for axis in [Split::Rows, Split::Channels] {
            let plan = all_by(&subject.plan, axis);
            for count in [1, 2, 5] {
                let found = subject.interpreted(&plan, &load, count);
                assert!(found == expected, "{isa}, {axis:?}, {count} threads");
            }
        }
    }
}

#[test]
fn many_images_at_once() {
    let subject = Subject::new::<B0Small>("efficientnet", "b0");
    let load = LoadOptions::default();
    let model = B0Small::from_checkpoint(&subject.checkpoint, &load).expect("it fits");
    let [height, width, _] = B0Small::INPUT_SHAPE;
    let images: Vec<Vec<f32>> = (0..7).map(|seed| image(seed, height, width)).collect();
    let mut alone = B0Small::workspace();
    let input = |image: &Vec<f32>| -> Box<<B0Small as Model>::Input> {
        image
            .clone()
            .into_boxed_slice()
            .try_into()
            .expect("the image's length")
    };
    let inputs: Vec<_> = images.iter().map(input).collect();
    let expected: Vec<_> = inputs
        .iter()
        .map(|input| bits(model.forward(input, &mut alone)))
        .collect();

    let inputs: Vec<_> = inputs.iter().map(AsRef::as_ref).collect();
    let team = threads(2);
    // Workspaces may share a team, too.
    let mut workspaces = [
        B0Small::workspace(),
        B0Small::workspace_with(&team),
        B0Small::workspace_with(&team),
    ];
    let found = model.forward_batch(&inputs, &mut workspaces, |_, logits| bits(logits));
    assert!(found == expected);

    let interpreter = subject.interpreter(&subject.plan, &load);
    let mut workspaces = vec![interpreter.workspace(), interpreter.workspace()];
    let images: Vec<_> = images.iter().map(Vec::as_slice).collect();
    let found = interpreter.forward_batch(&images, &mut workspaces, |number, outputs| {
        (number, bits(outputs.first()))
    });
    assert!(found == expected.into_iter().enumerate().collect::<Vec<_>>());
}
