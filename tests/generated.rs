//! The generated Rust as people see it: what it is today, how it reads, and that it is the model.
//!
//! `tests/generated/*.rs` are both the expected text and modules of this test. After an intended
//! change of the lowering: `UPDATE_GENERATED=1 cargo test --test generated`, and read the difference.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use common::{compiled, compiled_for, image, weights};
use efficientnet::Model;
use efficientnet::codegen::lower::{Target, lower};
use efficientnet::codegen::plan::Plan;
use efficientnet::runtime::weights::LoadOptions;
use efficientnet::spec::{Options, Output, Padding, Spec, bundled};
use efficientnet::testing::{ModelOptions, expand, expand_with};

/// Modules from `tests/generated`, which rustfmt would break into longer text.
macro_rules! generated {
    ($($name:ident = $path:literal;)*) => {$(
        #[rustfmt::skip]
        #[allow(dead_code, unreachable_pub, reason = "written for a library, of which tests need little")]
        #[path = $path]
        mod $name;
    )*};
}

generated! {
    b0 = "generated/b0.rs";
    b0_same = "generated/b0_same.rs";
    lite0_same = "generated/lite0_same.rs";
    b7 = "generated/b7.rs";
    b0_pyramid = "generated/b0_pyramid.rs";
}

/// One variant whose text is committed.
struct Committed {
    file: &'static str,
    name: &'static str,
    spec: &'static str,
    variant: &'static str,
    padding: Padding,
    outputs: &'static [Output],
}

/// The maps of strides 2, 4, 8, 16 and 32, as detectors take them.
const PYRAMID: [Output; 5] = [
    Output::Block(1),
    Output::Block(2),
    Output::Block(3),
    Output::Block(5),
    Output::Block(7),
];

const COMMITTED: [Committed; 5] = [
    Committed {
        file: "b0.rs",
        name: "B0",
        spec: "efficientnet",
        variant: "b0",
        padding: Padding::Symmetric,
        outputs: &[Output::Logits],
    },
    Committed {
        file: "b0_same.rs",
        name: "B0",
        spec: "efficientnet",
        variant: "b0",
        padding: Padding::Same,
        outputs: &[Output::Logits],
    },
    Committed {
        file: "lite0_same.rs",
        name: "Lite0",
        spec: "lite",
        variant: "lite0",
        padding: Padding::Same,
        outputs: &[Output::Logits],
    },
    Committed {
        file: "b7.rs",
        name: "B7",
        spec: "efficientnet",
        variant: "b7",
        padding: Padding::Symmetric,
        outputs: &[Output::Logits],
    },
    Committed {
        file: "b0_pyramid.rs",
        name: "B0",
        spec: "efficientnet",
        variant: "b0",
        padding: Padding::Symmetric,
        outputs: &PYRAMID,
    },
];

impl Committed {
    fn options(&self) -> Options {
        Options {
            padding: self.padding,
            ..Options::default()
        }
    }

    fn plan(&self) -> Plan {
        compiled_for(self.spec, self.variant, &self.options(), self.outputs).plan
    }

    fn text(&self) -> String {
        let target = Target::public(self.name).expect("an identifier");
        lower(&self.plan(), &target).text().expect("valid Rust")
    }
}

#[test]
fn the_committed_text_is_what_lowering_gives() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/generated");
    let update = std::env::var_os("UPDATE_GENERATED").is_some();
    for committed in &COMMITTED {
        let path = folder.join(committed.file);
        let text = committed.text();
        if update {
            fs::write(&path, text).expect("the folder can be written to");
            continue;
        }
        let found = fs::read_to_string(&path).expect("the file is committed");
        let differs = found.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            found == text,
            "{} is stale, first at line {}; run with UPDATE_GENERATED=1 and read the difference",
            path.display(),
            differs.map_or(found.lines().count().min(text.lines().count()), |line| line) + 1,
        );
    }
}

/// What a crate's own snapshot tests see is the same text.
#[test]
fn users_see_the_text_of_the_macros_model() {
    for committed in COMMITTED {
        let options = ModelOptions {
            options: committed.options(),
            outputs: committed.outputs.iter().map(Output::to_string).collect(),
            ..ModelOptions::default()
        };
        let text = expand_with(committed.spec, committed.variant, &options).expect("valid");
        assert!(text == committed.text(), "{}", committed.file);
    }
    let default = expand("efficientnet", "b0").expect("a bundled variant");
    assert!(default == COMMITTED[0].text());
}

/// Paths count from the root of the crate under test.
#[test]
fn users_see_the_text_of_their_own_specs_and_every_mistake() {
    let text = expand("tests/ui/specs/tiny.yaml", "t1").expect("a spec of this crate");
    assert!(text.contains("\npub struct T1 {"), "{text}");
    for (spec, variant, begin) in [
        (
            "tests/ui/specs/tiny.yaml",
            "t9",
            "tiny has no variant `t9`, ",
        ),
        (
            "specs/none.yaml",
            "t0",
            "spec `specs/none.yaml` does not exist; ",
        ),
        (
            "tests/ui/specs/no_yaml.yaml",
            "t0",
            "tests/ui/specs/no_yaml.yaml:",
        ),
    ] {
        let error = expand(spec, variant).expect_err("a mistake");
        assert!(error.to_string().starts_with(begin), "{error}");
        assert_eq!(format!("{error:?}"), error.to_string());
    }
}

#[test]
fn the_text_is_short_and_has_a_function_a_part() {
    for (committed, most_lines, most_columns) in [
        (&COMMITTED[0], 250, 175),
        (&COMMITTED[1], 250, 175),
        (&COMMITTED[2], 250, 175),
        (&COMMITTED[3], 560, 175),
        (&COMMITTED[4], 270, 175),
    ] {
        let text = committed.text();
        let lines = text.lines().count();
        assert!(lines <= most_lines, "{}: {lines} lines", committed.file);
        for (number, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            let at = format!("{}:{}", committed.file, number + 1);
            assert!(columns <= most_columns, "{at}: {columns} columns");
            assert_eq!(line, line.trim_end(), "{at}: spaces at the end");
        }
        let parts: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("fn ")?.split('(').next())
            .collect();
        let expected = match committed.outputs {
            [Output::Logits] => "block1 block2 block3 block4 block5 block6 block7 head",
            _ => "block1 block2 block3 block4 block5 block6 block7",
        };
        assert_eq!(parts.join(" "), expected, "{}", committed.file);
    }
}

/// Kernels of a sub-block, from its comment to the next.
fn kernels_of<'t>(text: &'t str, sub_block: &str) -> Vec<&'t str> {
    let start = text
        .to_lowercase()
        .find(&format!("sub-block {sub_block} ("))
        .expect("a sub-block");
    text[start..]
        .lines()
        .skip(1)
        .take_while(|line| !line.contains("// ") && *line != "}")
        .filter_map(|line| line.split("::<").next()?.split_whitespace().last())
        .collect()
}

/// The article's sub-blocks: kind 1 has no expansion, so that the first reads the stem's map; the
/// others expand; every one squeezes and projects.
#[test]
fn sub_blocks_read_like_the_articles() {
    let text = COMMITTED[0].text();
    let kind_1 = ["stem_depthwise_sums", "squeeze_excite", "project"];
    let kind_2 = ["expand_depthwise_sums", "squeeze_excite", "project"];
    assert_eq!(kernels_of(&text, "1a"), kind_1);
    assert_eq!(kernels_of(&text, "2a"), kind_2);
    assert_eq!(kernels_of(&text, "6d"), kind_2);
    // Table 1 of the paper: 16 sub-blocks in B0.
    assert_eq!(text.matches("ub-block ").count(), 16);
    assert_eq!(text.matches("(kind 1)").count(), 1);
    assert_eq!(text.matches("(kind 2)").count(), 6);
    assert_eq!(text.matches("(kind 3)").count(), 9);
    // Only sub-blocks of kind 3 have a shortcut.
    assert_eq!(text.matches("shortcut(x)").count(), 9);
}

#[test]
fn text_is_the_same_in_every_thread_and_process() {
    let expected: Vec<String> = COMMITTED.iter().map(Committed::text).collect();
    let texts = || COMMITTED.iter().map(Committed::text).collect::<Vec<_>>();
    assert!(thread::spawn(texts).join().expect("no panic") == expected);
    // Another process has other hash seeds; it compares with the committed text, as this one does.
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "the_committed_text_is_what_lowering_gives"])
        .env_remove("UPDATE_GENERATED")
        .output()
        .expect("the test runs")
        .status;
    assert!(status.success());
}

#[efficientnet::model(spec = "efficientnet", variant = "b0")]
struct B0;

#[efficientnet::model(spec = "efficientnet", variant = "b0", padding = "same")]
struct B0Same;

#[efficientnet::model(spec = "lite", variant = "lite0", padding = "same")]
struct Lite0;

#[efficientnet::model(spec = "efficientnet", variant = "b7")]
struct B7;

#[efficientnet::model(
    spec = "efficientnet",
    variant = "b0",
    outputs = ["block1", "block2", "block3", "block5", "block7"]
)]
struct Pyramid;

/// What `Model` says of both.
fn same_constants<A: Model, B: Model>() {
    assert_eq!(A::NAME, B::NAME);
    assert_eq!(A::INPUT_SHAPE, B::INPUT_SHAPE);
    assert_eq!(A::CLASSES, B::CLASSES);
    assert_eq!(A::OUTPUTS, B::OUTPUTS);
    assert_eq!(A::PARAMETERS, B::PARAMETERS);
    assert_eq!(A::MACS, B::MACS);
    assert_eq!(A::WORKSPACE_BYTES, B::WORKSPACE_BYTES);
    assert_eq!(A::PADDING, B::PADDING);
    assert_eq!(A::LAYERS, B::LAYERS);
    assert_eq!(A::UNUSED_LAYERS, B::UNUSED_LAYERS);
}

/// Logits of a model on synthetic weights and a synthetic image, as bits.
macro_rules! logits {
    ($model:ty, $committed:expr) => {{
        let committed: &Committed = $committed;
        let compiled = compiled(committed.spec, committed.variant, &committed.options());
        let model = <$model>::from_checkpoint(&weights(&compiled), &LoadOptions::default())
            .expect("it fits");
        let [height, width, _] = <$model>::INPUT_SHAPE;
        let input = image(3, height, width);
        let input = input[..].try_into().expect("the length of the input");
        let mut workspace = <$model>::workspace();
        let logits = model.forward(input, &mut workspace);
        assert!(logits.iter().all(|x| x.is_finite()));
        assert!(logits.iter().any(|&x| x != logits[0]), "the logits differ");
        logits.map(f32::to_bits)
    }};
}

#[test]
fn the_text_compiles_to_what_the_macro_makes() {
    same_constants::<b0::B0, B0>();
    same_constants::<b0_same::B0, B0Same>();
    same_constants::<lite0_same::Lite0, Lite0>();
    same_constants::<b7::B7, B7>();
    same_constants::<b0_pyramid::B0, Pyramid>();
    assert_eq!(logits!(b0::B0, &COMMITTED[0]), logits!(B0, &COMMITTED[0]));
    assert_eq!(
        logits!(b0_same::B0, &COMMITTED[1]),
        logits!(B0Same, &COMMITTED[1])
    );
    assert_eq!(
        logits!(lite0_same::Lite0, &COMMITTED[2]),
        logits!(Lite0, &COMMITTED[2])
    );
}

/// What the README shows of the generated code and of a summary is what there is.
#[test]
fn the_readme_shows_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the README is committed");
    let text = fs::read_to_string(root.join("tests/generated/b0.rs")).expect("committed");
    let begin = text.find("/// Block 2,").expect("B0 has a block 2");
    let end = text.find("/// Block 3,").expect("B0 has a block 3");
    assert!(
        readme.contains(text[begin..end].trim_end()),
        "block 2 of B0"
    );
    let spec = Spec::parse(bundled("efficientnet").expect("bundled"), "efficientnet");
    let same = Options {
        padding: Padding::Same,
        ..Options::default()
    };
    let b0 = spec
        .expect("valid")
        .architecture("b0", &same)
        .expect("a variant")
        .to_string();
    assert!(readme.contains(b0.trim_end()), "the blocks of B0:\n{b0}");
}
