use super::*;

fn refusal(text: &str) -> String {
    match Header::parse(text.as_bytes()) {
        Ok(_) => panic!("{text} is read"),
        Err(reason) => reason,
    }
}

#[test]
fn a_header_may_have_more_than_is_needed() {
    let header = Header::parse(
        br#" {"__metadata__": {"license": "MIT", "keras_model": "{}"},
            "b": {"shape": [2, 3], "more": [{"a": []}], "data_offsets": [4, 16], "dtype": "F16"},
            "a": {"dtype": "F4", "shape": [8], "data_offsets": [0, 4]},
            "none": {"dtype": "F32", "shape": [0, 9], "data_offsets": [4, 4]},
            "one": {"dtype": "BOOL", "shape": [], "data_offsets": [16, 17]}}
        "#,
    )
    .unwrap();
    assert_eq!(header.data_length, 17);
    assert_eq!(header.keras_model.as_deref(), Some("{}"));
    let (name, info) = &header.tensors[0];
    assert_eq!(
        (name.as_str(), info.element, &info.shape[..]),
        ("b", Element::F16, &[2, 3][..])
    );
    assert_eq!((info.start, info.end), (4, 16));
    for metadata in ["null", "{}"] {
        let header = format!(r#"{{"__metadata__": {metadata}}}"#);
        let header = Header::parse(header.as_bytes()).unwrap();
        assert_eq!((header.data_length, header.keras_model), (0, None));
    }
}

#[test]
fn a_header_says_everything_of_a_tensor_once() {
    for (info, reason) in [
        (r#"{"shape":[1],"data_offsets":[0,4]}"#, "it has no `dtype`"),
        (
            r#"{"dtype":"F32","data_offsets":[0,4]}"#,
            "it has no `shape`",
        ),
        (r#"{"dtype":"F32","shape":[1]}"#, "it has no `data_offsets`"),
        (
            r#"{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}"#,
            "its `dtype` is there twice",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}"#,
            "its `shape` is there twice",
        ),
        (
            r#"{"dtype":"F31","shape":[1],"data_offsets":[0,4]}"#,
            "its element type is `F31`",
        ),
        (
            r#"{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}"#,
            "expected a list of whole numbers",
        ),
        (
            r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#,
            "expected a list of whole numbers",
        ),
        (
            r#"{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}"#,
            "expected a list of whole numbers",
        ),
        (
            r#"{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}"#,
            "expected a list of whole numbers",
        ),
        (
            r#"{"dtype":"F32","shape":1,"data_offsets":[0,4]}"#,
            "expected a list of whole numbers",
        ),
        (
            r#"{"dtype":"F32","shape":[1],"data_offsets":[0,2,4]}"#,
            "its `data_offsets` are not two",
        ),
        (
            r#"{"dtype":7,"shape":[1],"data_offsets":[0,4]}"#,
            "expected text",
        ),
        (r#"[0,4]"#, "expected an object"),
        ("null", "expected an object"),
    ] {
        let reason = format!("tensor `a`: {reason}");
        let found = refusal(&format!(r#"{{"a":{info}}}"#));
        assert!(found.starts_with(&reason), "{found} is not {reason}");
    }
}

#[test]
fn values_lie_one_after_the_other() {
    let tensors = |tensors: &[(&str, usize, [u64; 2])]| {
        let tensors: Vec<_> = tensors
            .iter()
            .map(|(name, length, offsets)| {
                format!(
                    r#""{name}":{{"dtype":"U8","shape":[{length}],"data_offsets":{offsets:?}}}"#
                )
            })
            .collect();
        format!("{{{}}}", tensors.join(","))
    };
    for (header, reason) in [
        (
            tensors(&[("a", 4, [0, 4]), ("b", 4, [5, 9])]),
            "tensor `b` begins at 5, expected 4",
        ),
        (
            tensors(&[("b", 4, [3, 7]), ("a", 4, [0, 4])]),
            "tensor `b` begins at 3, expected 4",
        ),
        (
            tensors(&[("a", 4, [0, 4]), ("a", 4, [0, 4])]),
            "tensor `a` begins at 0, expected 4",
        ),
        (
            tensors(&[("a", 4, [1, 5])]),
            "tensor `a` begins at 1, expected 0",
        ),
        (
            tensors(&[("a", 4, [4, 0])]),
            "tensor `a`: shape [4] of U8 does not take the bytes 4 to 0",
        ),
        (
            tensors(&[("a", 4, [0, 5])]),
            "tensor `a`: shape [4] of U8 does not take the bytes 0 to 5",
        ),
        (
            r#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}"#.to_owned(),
            "tensor `a`: shape [3] of F4 does not take the bytes 0 to 1",
        ),
        (
            r#"{"__metadata__":{},"__metadata__":{}}"#.to_owned(),
            "`__metadata__` is there twice",
        ),
        (
            r#"{"__metadata__":{"a":1}}"#.to_owned(),
            "metadata `a`: expected text",
        ),
        (r#"{"__metadata__":[]}"#.to_owned(), "expected an object"),
        (
            "{} 1".to_owned(),
            "The JSON already contains one root element",
        ),
    ] {
        let found = refusal(&header);
        assert!(found.starts_with(reason), "{found} is not {reason}");
    }
}
