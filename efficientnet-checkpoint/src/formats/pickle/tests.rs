use super::{Id, Input, Tree, Value, load};
use crate::formats::Refusal;
use crate::source::Source;

fn parse(bytes: impl Into<Vec<u8>>) -> Result<Tree, Refusal> {
    load(&mut Input::new(&Source::from(bytes.into())))
}

fn refusal(bytes: impl Into<Vec<u8>>) -> String {
    match parse(bytes) {
        Err(Refusal::Corrupt(_, reason)) => reason,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

/// A value, somewhat as Python writes it.
fn show(tree: &Tree, id: Id) -> String {
    let list = |ids: &[Id]| {
        let items: Vec<_> = ids.iter().map(|&id| show(tree, id)).collect();
        items.join(", ")
    };
    match tree.get(id) {
        Value::None => "None".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Tuple(items) => format!("({})", list(items)),
        Value::List(items) => format!("[{}]", list(items)),
        Value::Dict(items) => {
            let items: Vec<_> = items
                .iter()
                .map(|&(key, value)| format!("{}: {}", show(tree, key), show(tree, value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Value::Global(name) => name.clone(),
        Value::Object(object) => {
            format!(
                "{}{}",
                show(tree, object.global),
                show(tree, object.arguments)
            )
        }
        Value::Persistent(id) => format!("<{}>", show(tree, *id)),
        Value::Opaque => "?".to_owned(),
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    pairs
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// What Python 3.11 writes for `(None, True, False, -5, 255, 65535, 1 << 40, -(1 << 75), 1 << 200, 0.5,
/// 'é', b'x', [1, 'a'], {'a': 1, 2: ()}, {3}, frozenset([4]), OrderedDict(k=7), (1, 2), range(3),
/// complex(1, 2))`.
#[test]
fn pickles_of_python_are_read() {
    let common = "None, true, false, -5, 255, 65535, 1099511627776, -37778931862957161709568, ?, ?, \
                  \"é\", ";
    let protocol_2 = hex(
        "8002284e88894afbffffff4bff4dffff8a060000000000018a0a000000000000000000f88a1a00000000000000000000
         00000000000000000000000000000001473fe00000000000005802000000c3a97100635f636f646563730a656e636f64
         650a7101580100000078710258060000006c6174696e3171038671045271055d7106284b015801000000617107657d71
         082868074b014b022975635f5f6275696c74696e5f5f0a7365740a71095d710a4b036185710b52710c635f5f6275696c
         74696e5f5f0a66726f7a656e7365740a710d5d710e4b046185710f52711063636f6c6c656374696f6e730a4f72646572
         6564446963740a71112952711258010000006b71134b07734b014b02867114635f5f6275696c74696e5f5f0a7872616e
         67650a71154b004b034b01877116527117635f5f6275696c74696e5f5f0a636f6d706c65780a7118473ff00000000000
         0047400000000000000086711952711a74711b2e",
    );
    let tree = parse(protocol_2).unwrap();
    let expected = "_codecs.encode(\"x\", \"latin1\"), [1, \"a\"], {\"a\": 1, 2: ()}, \
                    __builtin__.set([3]), __builtin__.frozenset([4]), {\"k\": 7}, (1, 2), \
                    __builtin__.xrange(0, 3, 1), __builtin__.complex(?, ?)";
    assert_eq!(show(&tree, tree.root()), format!("({common}{expected})"));

    let protocol_5 = hex(
        "800595e400000000000000284e88894afbffffff4bff4dffff8a060000000000018a0a000000000000000000f88a1a00
         00000000000000000000000000000000000000000000000001473fe00000000000008c02c3a994430178945d94284b01
         8c016194657d942868034b014b0229758f94284b0390284b0491948c0b636f6c6c656374696f6e73948c0b4f72646572
         6564446963749493942952948c016b944b07734b014b0286948c086275696c74696e73948c0572616e67659493944b00
         4b034b0187945294680d8c07636f6d706c6578949394473ff00000000000004740000000000000008694529474942e",
    );
    let tree = parse(protocol_5).unwrap();
    let expected = "?, [1, \"a\"], {\"a\": 1, 2: ()}, ?, ?, {\"k\": 7}, (1, 2), \
                    builtins.range(0, 3, 1), builtins.complex(?, ?)";
    assert_eq!(show(&tree, tree.root()), format!("({common}{expected})"));
}

#[test]
fn pickles_follow_each_other() {
    let source = Source::from(b"\x80\x02K\x01.\x80\x02K\x02.rest".to_vec());
    let mut input = Input::new(&source);
    for expected in [1, 2] {
        let tree = load(&mut input).unwrap();
        assert_eq!(tree.int(tree.root()), Some(expected));
    }
    assert_eq!(input.position(), 10);
}

#[test]
fn functions_that_act_are_refused_by_name() {
    for (pickle, name) in [
        (
            &b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R."[..],
            "posix.system",
        ),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"),
        (b"\x80\x02c__builtin__\neval\n.", "__builtin__.eval"),
        (b"\x80\x02csubprocess\nPopen\n.", "subprocess.Popen"),
        (
            b"\x80\x02cimportlib.util\nfind_spec\n.",
            "importlib.util.find_spec",
        ),
    ] {
        let reason = refusal(pickle);
        assert!(reason.contains(&format!("names `{name}`")), "{reason}");
    }
    // What PyTorch and NumPy write, and classes of users.
    for pickle in [
        &b"\x80\x02cnumpy.core.multiarray\nscalar\n."[..],
        b"\x80\x02c__builtin__\nset\n.",
        b"\x80\x02cmodels.opener\nNet\n.",
    ] {
        parse(pickle).unwrap();
    }
}

#[test]
fn no_depth_reaches_the_stack() {
    let depth = 1 << 20;
    let mut lists = vec![b']'; depth];
    lists.extend(vec![b'a'; depth - 1]);
    lists.push(b'.');
    let tree = parse(lists).unwrap();
    assert!(matches!(tree.get(tree.root()), Value::List(inner) if inner.len() == 1));
    // A list that contains itself.
    let tree = parse(*b"]q\x00h\x00a.").unwrap();
    assert_eq!(*tree.get(tree.root()), Value::List(vec![tree.root()]));
}

#[test]
fn broken_pickles_are_explained() {
    let endless = [b"N".repeat(1 << 22), b".".to_vec()].concat();
    let text = |length: u64| [b"\x8d".as_slice(), &length.to_le_bytes(), b"abc"].concat();
    let name = [b"c".as_slice(), &[b'a'; 2000], b"\nb\n."].concat();
    for (pickle, reason) in [
        (Vec::new(), "truncated: its pickle ends too early"),
        (b"\x80".to_vec(), "truncated"),
        (b"N".to_vec(), "truncated"),
        (text(4), "truncated"),
        (text(u64::MAX), "more than 67108864 bytes of text"),
        (b"B\xff\xff\xff\xff".to_vec(), "truncated"),
        (b"\x8b\xff\xff\xff\x7f1".to_vec(), "truncated"),
        (endless, "more than 4194304 opcodes"),
        (name, "names a class without end"),
        (b".".to_vec(), "byte 1: nothing on its stack"),
        (b"(t0.".to_vec(), "byte 4: nothing on its stack"),
        (b"N(a.".to_vec(), "nothing on its stack"),
        (b"Nt.".to_vec(), "no mark on its stack"),
        (b"}(Nu.".to_vec(), "a key without a value"),
        (b"h\x07.".to_vec(), "no value at place 7"),
        (b"NN\x93.".to_vec(), "a class without a name"),
        (
            b"I01\n.".to_vec(),
            "opcode 0x49, which torch.save does not write",
        ),
    ] {
        let found = refusal(pickle);
        assert!(found.contains(reason), "{found} does not say {reason}");
    }
}

/// Some hundred kilobytes that would become gigabytes: a class's name, memorised and named again.
#[test]
fn names_of_classes_count_as_text() {
    let named = |times: usize| {
        let name = [b"X\x00\x02\x00\x00".as_slice(), &[b'a'; 512], b"q\x000"].concat();
        let again = b"h\x00h\x00\x930".repeat(times);
        [name, again, b"N.".to_vec()].concat()
    };
    assert!(parse(named(1000)).is_ok());
    let reason = refusal(named((1 << 16) + 1));
    assert!(
        reason.contains("more than 67108864 bytes of text"),
        "{reason}"
    );
}
