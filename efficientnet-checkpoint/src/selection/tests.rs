use super::*;
use crate::advice::Advice;
use crate::dtype::{Dtype, Element};
use crate::testing::{mismatch, network, of_shapes, of_values, rows};

const KERAS: &str = include_str!("../../tests/data/names/keras_b0.h5.tsv");
const TORCHVISION: &str = include_str!("../../tests/data/names/torchvision_b0.tsv");
const TRANSFORMERS: &str = include_str!("../../tests/data/names/transformers_b0.tsv");

type Rows = Vec<(String, Vec<usize>)>;

fn checkpoint(rows: &Rows) -> Checkpoint {
    of_shapes(rows.iter().map(|(name, shape)| (name.as_str(), &shape[..])))
}

/// B0 of a table, changed, beside the same or another network.
fn differences(
    table: &str,
    expected: &[Expected],
    change: impl FnOnce(&mut Rows),
) -> check::Mismatch {
    let mut rows = rows(table);
    change(&mut rows);
    mismatch(&checkpoint(&rows), expected)
}

fn b0() -> Vec<Expected> {
    network("efficientnet", "b0")
}

fn shape_of<'a>(rows: &'a mut Rows, name: &str) -> &'a mut Vec<usize> {
    let row = rows.iter_mut().find(|(found, _)| found == name);
    &mut row.unwrap_or_else(|| panic!("{name}")).1
}

/// Networks of one layer of each kind; values count up in the order of the file.
#[test]
fn keras_s_dimensions_are_put_in_pytorch_s_order() {
    let numbers: Vec<f32> = (0..12u8).map(f32::from).collect();
    let checkpoint = of_values(&[
        ("stem_conv/kernel", &[1, 2, 2, 3], &numbers),
        ("block1a_dwconv/kernel", &[2, 1, 3, 1], &numbers[..6]),
        ("predictions/kernel", &[2, 3], &numbers[..6]),
        ("predictions/bias", &[3], &[7.0, 8.0, 9.0]),
    ]);
    let expected = [
        Expected::needed("conv_stem.weight", [3, 2, 1, 2]),
        Expected::needed("blocks.0.0.conv_dw.weight", [3, 1, 2, 1]),
        Expected::needed("classifier.weight", [3, 2]),
        Expected::needed("classifier.bias", [3]),
    ];
    let selection = checkpoint.select(&expected).unwrap();
    assert_eq!(selection.flavour(), Flavour::Keras);
    let read = |name| selection.read(name).unwrap();
    // Filter 0 has every third value, its first channel those of even columns' first halves.
    assert_eq!(
        read("conv_stem.weight"),
        [0.0, 6.0, 3.0, 9.0, 1.0, 7.0, 4.0, 10.0, 2.0, 8.0, 5.0, 11.0]
    );
    let transposed = [0.0, 3.0, 1.0, 4.0, 2.0, 5.0];
    assert_eq!(read("blocks.0.0.conv_dw.weight"), transposed);
    assert_eq!(read("classifier.weight"), transposed);
    assert_eq!(read("classifier.bias"), [7.0, 8.0, 9.0]);
}

/// A file in Fortran's order has strides of its own.
#[test]
fn dimensions_are_permuted_whatever_their_strides() {
    let mut checkpoint = of_values(&[(
        "predictions/kernel",
        &[2, 3],
        &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
    )]);
    let entry = checkpoint.tensors.get_mut("predictions/kernel").unwrap();
    entry.strides = Some(vec![1, 2]);
    let expected = [Expected::needed("classifier.weight", [3, 2])];
    let selection = checkpoint.select(&expected).unwrap();
    // Rows of the file are 0 2 4 and 1 3 5.
    assert_eq!(
        selection.read("classifier.weight").unwrap(),
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    );
}

#[test]
fn only_what_is_needed_is_read() {
    let checkpoint = of_values(&[
        ("conv_stem.weight", &[1], &[2.0]),
        ("bn1.bias", &[1], &[3.0]),
    ]);
    let expected = [
        Expected::needed("conv_stem.weight", [1]),
        Expected::unneeded("bn1.bias", [1]),
    ];
    let selection = checkpoint.select(&expected).unwrap();
    assert_eq!(selection.read("conv_stem.weight").unwrap(), [2.0]);
    for name in ["bn1.bias", "bn2.bias"] {
        let error = selection.read(name).unwrap_err().to_string();
        assert_eq!(error, format!("odd.file: there is no tensor `{name}`"));
    }
}

#[test]
fn unneeded_tensors_may_be_there_in_any_shape_or_not() {
    let mut expected = b0();
    for tensor in &mut expected {
        let late = [
            "blocks.5.",
            "blocks.6.",
            "conv_head.",
            "bn2.",
            "classifier.",
        ];
        tensor.needed = !late.iter().any(|prefix| tensor.name.starts_with(prefix));
    }
    for table in [KERAS, TORCHVISION, TRANSFORMERS] {
        let mut rows = rows(table);
        checkpoint(&rows).select(&expected).unwrap();
        for (name, shape) in &mut rows {
            if name.contains("classifier") || name.contains("predictions") {
                shape.push(1);
            }
        }
        checkpoint(&rows).select(&expected).unwrap();
        rows.retain(|(name, _)| !name.contains("classifier") && !name.contains("predictions"));
        checkpoint(&rows).select(&expected).unwrap();
        // What no layer of the network has is as odd as ever.
        rows.push(("features.11.0.weight".to_owned(), vec![1]));
        let found = mismatch(&checkpoint(&rows), &expected);
        assert_eq!((found.unexpected.len(), found.missing.len()), (1, 0));
    }
}

#[test]
fn all_differences_come_together_as_the_file_has_them() {
    let mut rows = rows(KERAS);
    let [missing, misshapen, dtype] = [
        "model_weights/block2a_expand_conv/block2a_expand_conv/kernel",
        "model_weights/block3b_dwconv/block3b_dwconv/kernel",
        "model_weights/top_bn/top_bn/gamma",
    ];
    rows.retain(|(name, _)| name != missing);
    *shape_of(&mut rows, misshapen) = vec![3, 3, 240, 1];
    rows.push(("model_weights/extra/kernel".to_owned(), vec![4, 2]));
    let mut checkpoint = checkpoint(&rows);
    checkpoint.tensors.get_mut(dtype).unwrap().dtype = Dtype::Other(Element::F64);
    let found = mismatch(&checkpoint, &b0());
    assert_eq!(found.flavour, Flavour::Keras);
    assert_eq!(
        found.to_string(),
        format!(
            "odd.file: its tensors, with the names of Keras, are not the model's: is it a checkpoint \
             of another variant?
  1 missing:
    {missing}: expected [1, 1, 16, 96]
  1 unexpected:
    model_weights/extra/kernel: found [4, 2]
  1 of another shape:
    {misshapen}: expected [5, 5, 240, 1], found [3, 3, 240, 1]
  1 of another type:
    {dtype}: expected F32, F16 or BF16, found F64"
        )
    );
}

#[test]
fn long_lists_are_cut_short() {
    let found = differences(TORCHVISION, &b0(), |rows| {
        rows.retain(|(name, _)| !name.starts_with("features.3.0.block.0."));
        rows.retain(|(name, _)| !name.starts_with("features.8."));
    });
    assert_eq!(found.missing.len(), 10);
    let text = found.to_string();
    assert!(
        text.contains(
            "\n  10 missing:\n    features.3.0.block.0.0.weight: expected [144, 24, 1, 1]\n"
        ),
        "{text}"
    );
    assert!(text.ends_with("\n    and 5 more"), "{text}");
}

#[test]
fn advice_says_what_to_change() {
    let (expected, found) = (1000, 10);
    let classes = |rows: &mut Rows| {
        shape_of(rows, "classifier.1.weight")[0] = found;
        shape_of(rows, "classifier.1.bias")[0] = found;
    };
    let advice = differences(TORCHVISION, &b0(), classes).advice;
    assert_eq!(advice, Advice::Classes { expected, found });
    let classes = |rows: &mut Rows| {
        shape_of(rows, "model_weights/predictions/predictions/kernel")[1] = found;
        shape_of(rows, "model_weights/predictions/predictions/bias")[0] = found;
    };
    let advice = differences(KERAS, &b0(), classes).advice;
    assert_eq!(advice, Advice::Classes { expected, found });

    let (expected, found) = (3, 1);
    let channels = |rows: &mut Rows| shape_of(rows, "features.0.0.weight")[1] = found;
    let advice = differences(TORCHVISION, &b0(), channels).advice;
    assert_eq!(advice, Advice::InChannels { expected, found });
    let channels = |rows: &mut Rows| {
        shape_of(rows, "model_weights/stem_conv/stem_conv/kernel")[2] = found;
        for part in ["mean", "variance"] {
            *shape_of(
                rows,
                &format!("model_weights/normalization_1/normalization_1/{part}"),
            ) = vec![found];
        }
    };
    let differing = differences(KERAS, &b0(), channels);
    assert_eq!(differing.advice, Advice::InChannels { expected, found });
    assert_eq!(differing.misshapen.len(), 3);

    let (expected, found) = (23, 16);
    let b1 = network("efficientnet", "b1");
    for table in [TORCHVISION, KERAS, TRANSFORMERS] {
        let advice = differences(table, &b1, |_| ()).advice;
        assert_eq!(advice, Advice::SubBlocks { expected, found });
    }

    let (expected, found) = (1280, 1408);
    let wider = |rows: &mut Rows| shape_of(rows, "classifier.weight")[1] = found;
    let advice = differences(TRANSFORMERS, &b0(), wider).advice;
    assert_eq!(advice, Advice::Features { expected, found });

    let headless = |rows: &mut Rows| rows.retain(|(name, _)| !name.starts_with("classifier"));
    let advice = differences(TORCHVISION, &b0(), headless).advice;
    assert_eq!(advice, Advice::NoClassifier);

    let narrow = |rows: &mut Rows| shape_of(rows, "features.0.1.bias")[0] = 31;
    let advice = differences(TORCHVISION, &b0(), narrow).advice;
    assert_eq!(advice, Advice::OtherVariant);
    let window = |rows: &mut Rows| *shape_of(rows, "features.0.0.weight") = vec![32, 1, 5, 5];
    let advice = differences(TORCHVISION, &b0(), window).advice;
    assert_eq!(advice, Advice::OtherVariant);

    let mut integers = checkpoint(&rows(TORCHVISION));
    let entry = integers.tensors.get_mut("features.0.0.weight").unwrap();
    entry.dtype = Dtype::Other(Element::I8);
    assert_eq!(mismatch(&integers, &b0()).advice, Advice::Dtypes);
}

/// A network inside another one has its classifier outside.
#[test]
fn a_keras_network_inside_another_is_told_what_it_lacks() {
    let found = differences(KERAS, &b0(), |rows| {
        for (name, _) in rows {
            let parts: Vec<_> = name.split('/').collect();
            let [root, layer, _, variable] = parts[..] else {
                panic!("{name}")
            };
            *name = match layer {
                "predictions" => format!("{root}/dense/sequential/dense/{variable}"),
                _ => format!("{root}/efficientnetb0/{layer}/{variable}"),
            };
        }
    });
    assert_eq!(found.advice, Advice::NoClassifier);
    let names: Vec<_> = found
        .missing
        .iter()
        .map(|tensor| tensor.name.as_str())
        .collect();
    let inside = "model_weights/efficientnetb0/predictions";
    assert_eq!(
        names,
        [format!("{inside}/kernel"), format!("{inside}/bias")]
    );
    assert_eq!(
        found.unexpected[0].name,
        "model_weights/dense/sequential/dense/bias"
    );
}

/// The macro's users and the command's choose a model in different ways.
#[test]
fn advice_names_no_arguments() {
    let (expected, found) = (10, 7);
    for advice in [
        Advice::Classes { expected, found },
        Advice::InChannels { expected, found },
        Advice::Features { expected, found },
    ] {
        let text = advice.to_string();
        assert!(text.contains("10") && text.contains("found 7"), "{text}");
        assert!(!text.contains(['`', '=', '-', '_']), "{text}");
    }
}

#[test]
fn names_of_no_library_are_shown() {
    let names: Vec<_> = (0..7).map(|i| format!("encoder._blocks.{i}")).collect();
    let shape = [1];
    let checkpoint = of_shapes(names.iter().map(|name| (name.as_str(), &shape[..])));
    let error = checkpoint.select(&b0()).err().unwrap().to_string();
    for part in [
        "odd.file",
        "timm",
        "torchvision",
        "efficientnet_pytorch",
        "transformers",
        "Keras",
        "`encoder._blocks.4`",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!error.contains("_blocks.5"), "{error}");
    let hostile = of_shapes([("a\nb", &[1][..])]);
    let error = hostile.select(&b0()).err().unwrap().to_string();
    assert!(error.ends_with(r"found `a\nb`"), "{error}");
    let hostile = of_shapes([("conv_stem.weight", &[1][..]), ("\x1b[2J", &[1])]);
    let error = hostile.select(&b0()).err().unwrap().to_string();
    assert!(error.contains(r"    \u{1b}[2J: found [1]"), "{error}");
    let error = hostile.read("a\nb").unwrap_err().to_string();
    assert!(error.ends_with(r"there is no tensor `a\nb`"), "{error}");
}

#[test]
fn damaged_values_are_errors_of_the_tensor() {
    let checkpoint = of_values(&[
        ("_conv_stem.weight", &[2], &[0.5, f32::NAN]),
        ("_bn0.weight", &[2], &[f32::NEG_INFINITY, -1.0]),
        ("_bn0.running_mean", &[1], &[-1.0]),
        ("_bn0.running_var", &[2], &[0.0, -0.25]),
    ]);
    let expected = [
        Expected::needed("conv_stem.weight", [2]),
        Expected::needed("bn1.weight", [2]),
        Expected::needed("bn1.running_mean", [1]),
        Expected::needed("bn1.running_var", [2]),
    ];
    let selection = checkpoint.select(&expected).unwrap();
    assert_eq!(selection.read("bn1.running_mean").unwrap(), [-1.0]);
    for (name, tensor, found) in [
        ("conv_stem.weight", "_conv_stem.weight", "NaN"),
        ("bn1.weight", "_bn0.weight", "-inf"),
        ("bn1.running_var", "_bn0.running_var", "-0.25"),
    ] {
        let error = selection.read(name).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("odd.file: tensor `{tensor}`: expected ")),
            "{error}"
        );
        assert!(error.contains(&format!("found {found}")), "{error}");
    }
}
