use crate::formats::testing::{Entry, refusal, zip};
use crate::{Checkpoint, Format};

// Pickles of protocol 4, assembled.

fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![b'X'];
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

fn int(value: u64) -> Vec<u8> {
    let mut bytes = vec![0x8a, 9];
    bytes.extend(value.to_le_bytes());
    bytes.push(0);
    bytes
}

fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(".to_vec(), items.concat(), b"t".to_vec()].concat()
}

fn ints(values: &[u64]) -> Vec<u8> {
    tuple(&values.iter().map(|&value| int(value)).collect::<Vec<_>>())
}

fn dict(items: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let items: Vec<_> = items
        .iter()
        .map(|(key, value)| [text(key), value.clone()].concat())
        .collect();
    [b"}(".to_vec(), items.concat(), b"u".to_vec()].concat()
}

fn call(module: &str, name: &str, arguments: &[Vec<u8>]) -> Vec<u8> {
    let global = format!("c{module}\n{name}\n").into_bytes();
    [global, tuple(arguments), b"R".to_vec()].concat()
}

/// What names a storage.
fn storage(class: &str, key: &str, length: u64) -> Vec<u8> {
    let class = format!("ctorch\n{class}\n").into_bytes();
    let items = [text("storage"), class, text(key), text("cpu"), int(length)];
    [tuple(&items), b"Q".to_vec()].concat()
}

fn view(storage: Vec<u8>, offset: u64, shape: &[u64], strides: &[u64]) -> Vec<u8> {
    let hooks = call("collections", "OrderedDict", &[]);
    let parts = [
        storage,
        int(offset),
        ints(shape),
        ints(strides),
        vec![0x89],
        hooks,
    ];
    call("torch._utils", "_rebuild_tensor_v2", &parts)
}

/// All four elements of storage `0`.
fn tensor() -> Vec<u8> {
    view(storage("FloatStorage", "0", 4), 0, &[2, 2], &[2, 1])
}

/// A file around an object; its storage `0` has four float32 values.
fn file(object: &[u8]) -> Vec<u8> {
    let pickle = [b"\x80\x02", object, b"."].concat();
    let values = [1.0f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes).concat();
    zip(&[
        Entry::stored("net/data.pkl", &pickle),
        Entry::stored("net/byteorder", b"little"),
        Entry::stored("net/data/0", &values),
    ])
}

fn names(object: &[u8]) -> Vec<String> {
    let checkpoint = Checkpoint::from_bytes(file(object), "net").unwrap();
    assert_eq!(checkpoint.format(), Format::PyTorch);
    checkpoint.names().map(str::to_owned).collect()
}

#[test]
fn views_of_a_storage_are_gathered() {
    let float = || storage("FloatStorage", "0", 4);
    let parameter = call(
        "torch._utils",
        "_rebuild_parameter",
        &[tensor(), vec![0x88]],
    );
    let size = call("torch", "Size", &[ints(&[2])]);
    let of_size = [float(), int(2), size, ints(&[1])];
    let object = dict(&[
        ("rows", tensor()),
        ("columns", view(float(), 0, &[2, 2], &[1, 2])),
        ("second", view(float(), 1, &[], &[])),
        ("outer", view(float(), 0, &[2], &[3])),
        ("single", view(float(), 3, &[1, 1], &[77, 99])),
        ("none", view(float(), 4, &[0, 3], &[3, 1])),
        ("parameter", parameter),
        ("size", call("torch._utils", "_rebuild_tensor", &of_size)),
    ]);
    let checkpoint = Checkpoint::from_bytes(file(&object), "net").unwrap();
    let values: Vec<_> = checkpoint
        .tensors()
        .map(|tensor| {
            (
                tensor.name(),
                tensor.shape().to_vec(),
                tensor.to_f32().unwrap(),
            )
        })
        .collect();
    let expected: [(_, &[usize], &[f32]); 8] = [
        ("columns", &[2, 2], &[1.0, 3.0, 2.0, 4.0]),
        ("none", &[0, 3], &[]),
        ("outer", &[2], &[1.0, 4.0]),
        ("parameter", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        ("rows", &[2, 2], &[1.0, 2.0, 3.0, 4.0]),
        ("second", &[], &[2.0]),
        ("single", &[1, 1], &[4.0]),
        ("size", &[2], &[3.0, 4.0]),
    ];
    let expected = expected.map(|(name, shape, values)| (name, shape.to_vec(), values.to_vec()));
    assert_eq!(values, expected);
}

#[test]
fn big_endian_storages_are_turned() {
    let pickle = [b"\x80\x02", &dict(&[("a", tensor())])[..], b"."].concat();
    let values = [1.0f32, 2.0, 3.0, 4.0].map(f32::to_be_bytes).concat();
    let file = zip(&[
        Entry::stored("net/data.pkl", &pickle),
        Entry::stored("net/byteorder", b"big"),
        Entry::stored("net/data/0", &values),
    ]);
    let checkpoint = Checkpoint::from_bytes(file, "net").unwrap();
    assert_eq!(checkpoint.read("a").unwrap(), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn the_state_dict_is_found() {
    let weights = |name: &str| dict(&[(name, tensor())]);
    let options = dict(&[("name", text("b0"))]);
    for (items, expected) in [
        (vec![("a", tensor()), ("count", int(3))], "a"),
        (vec![("state_dict", weights("a")), ("mean", tensor())], "a"),
        (vec![("ema", weights("b")), ("model", weights("a"))], "a"),
        (vec![("model", options.clone()), ("net", weights("a"))], "a"),
        (vec![("state_dict_ema", weights("a"))], "a"),
        (vec![("backbone", weights("a")), ("epoch", int(3))], "a"),
        (vec![("state_dict", dict(&[("net", weights("a"))]))], "a"),
        (vec![("state_dict", weights("module.a"))], "a"),
    ] {
        assert_eq!(names(&dict(&items)), [expected], "{items:?}");
    }
}

#[test]
fn objects_without_a_state_dict_are_explained() {
    let weights = || dict(&[("a", tensor())]);
    let module = || call("models.net", "Net", &[]);
    for (object, reason) in [
        (
            dict(&[("generator", weights()), ("critic", weights())]),
            "several state dicts, `generator`, `critic`: expected one",
        ),
        (
            dict(&[("epoch", int(3)), ("model", module())]),
            "found `epoch`, `model` (an object of `models.net.Net`): save `model.state_dict()`",
        ),
        (
            module(),
            "an object of `models.net.Net`, expected a state dict",
        ),
        (tensor(), "a single tensor, expected a state dict"),
        (dict(&[]), "an empty dictionary"),
        (b"N".to_vec(), "no dictionary of tensors"),
    ] {
        let message = refusal(file(&object));
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

#[test]
fn tensors_that_cannot_be_read_are_explained() {
    let float = |length| storage("FloatStorage", "0", length);
    let metadata = [
        float(4),
        int(0),
        ints(&[4]),
        ints(&[1]),
        vec![0x89],
        b"N".to_vec(),
        b"}".to_vec(),
    ];
    for (tensor, reason) in [
        (
            view(float(4), 1, &[4], &[1]),
            "reaches beyond its storage of 4 elements",
        ),
        (
            view(float(4), 0, &[2], &[u64::MAX]),
            "reaches beyond its storage",
        ),
        (view(float(4), 0, &[2], &[u64::MAX >> 1]), "reaches beyond"),
        (view(float(4), u64::MAX >> 1, &[1], &[1]), "reaches beyond"),
        (
            view(float(4), 0, &[1 << 40], &[0]),
            "repeats the 4 elements",
        ),
        (
            view(float(4), 0, &[1 << 40; 3], &[0; 3]),
            "repeats the 4 elements",
        ),
        (view(float(4), 0, &[2, 2], &[1]), "not described"),
        (view(float(4), 0, &[1; 65], &[1; 65]), "not described"),
        (
            view(float(5), 0, &[4], &[1]),
            "it needs 20 bytes of values, found 16",
        ),
        (
            view(float(1 << 62), 0, &[4], &[1]),
            "it needs too many bytes of values",
        ),
        (
            view(storage("HalfStorage", "1", 4), 0, &[4], &[1]),
            "`net/data/1`: it is missing",
        ),
        (
            view(storage("../../x", "0", 4), 0, &[4], &[1]),
            "a `torch.../../x`, which is not read",
        ),
        (
            view(storage("QInt32Storage", "0", 4), 0, &[4], &[1]),
            "which is not read",
        ),
        (
            view(int(3), 0, &[4], &[1]),
            "its values are not in a storage",
        ),
        (
            call("torch._utils", "_rebuild_sparse_tensor", &[]),
            "made by `torch._utils._rebuild_sparse",
        ),
        (
            call("torch._utils", "_rebuild_tensor_v2", &metadata),
            "conjugate or negative",
        ),
    ] {
        let message = refusal(file(&dict(&[("a", tensor)])));
        assert!(
            message.starts_with("odd: not a valid PyTorch file: "),
            "{message}"
        );
        assert!(message.contains(reason), "{message} does not say {reason}");
    }
}

/// A chain that every tensor would follow to its end.
#[test]
fn parameters_of_parameters_end() {
    let around = |times: usize| {
        let parameter = |tensor| call("torch._utils", "_rebuild_parameter", &[tensor, vec![0x88]]);
        let tensor = (0..times).fold(tensor(), |tensor, _| parameter(tensor));
        dict(&[("a", tensor)])
    };
    assert_eq!(names(&around(4)), ["a"]);
    let message = refusal(file(&around(5)));
    let expected = "tensor `a`: a parameter of a parameter, more than 4 times";
    assert!(message.ends_with(expected), "{message}");
}

/// Each is within its storage, but all of them would be read from it.
#[test]
fn storages_of_very_many_tensors_are_refused() {
    const LENGTH: usize = 1 << 16;
    let archive = |count: usize| {
        let shape = [LENGTH as u64];
        let tensor = view(storage("FloatStorage", "0", shape[0]), 0, &shape, &[1]);
        let names: Vec<_> = (0..count).map(|number| number.to_string()).collect();
        let items: Vec<_> = names
            .iter()
            .map(|name| (&name[..], tensor.clone()))
            .collect();
        let pickle = [b"\x80\x02", &dict(&items)[..], b"."].concat();
        zip(&[
            Entry::deflated("net/data.pkl", &pickle),
            Entry::deflated("net/data/0", &[0; 4 * LENGTH]),
        ])
    };
    assert!(Checkpoint::from_bytes(archive(1024), "shared").is_ok());
    let message = refusal(archive(1025));
    assert!(
        message.contains("which share bytes, takes 268697600 bytes"),
        "{message}"
    );
}

#[test]
fn other_archives_of_pytorch_are_explained() {
    let script = zip(&[
        Entry::stored("net/data.pkl", b"\x80\x02}."),
        Entry::stored("net/code/net.py", b""),
    ]);
    assert!(refusal(script).contains("a TorchScript archive"));
    let two = zip(&[
        Entry::stored("a/data.pkl", b"\x80\x02}."),
        Entry::stored("b/data.pkl", b"\x80\x02}."),
    ]);
    assert!(refusal(two).contains("2 entries `data.pkl`, expected one"));
    let order = zip(&[
        Entry::stored("net/data.pkl", b"\x80\x02}."),
        Entry::stored("net/byteorder", b"middle"),
    ]);
    assert!(refusal(order).contains("`net/byteorder`: expected `little` or `big`"));
    let other = b"\x80\x02}.".to_vec();
    assert!(refusal(other).contains("a pickle that torch.save did not write"));
}
