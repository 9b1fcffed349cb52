//! Pickles that would run code, or fill the memory, of a program that believes them.

use super::{Input, Tree, Value, load};
use crate::formats::Refusal;
use crate::source::Source;

fn parse(bytes: &[u8]) -> Result<Tree, Refusal> {
    load(&mut Input::new(&Source::from(bytes.to_vec())))
}

fn refusal(bytes: &[u8]) -> String {
    match parse(bytes) {
        Err(Refusal::Corrupt(_, reason)) => reason,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

/// Every opcode that names, makes or calls something.
#[test]
fn what_would_be_called_is_refused_by_name() {
    for (pickle, name) in [
        (
            &b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R."[..],
            "os.system",
        ),
        (
            b"\x80\x02c__builtin__\neval\n(X\x01\x00\x00\x001tR.",
            "__builtin__.eval",
        ),
        (
            b"\x80\x04\x8c\x08builtins\x8c\x04exec\x93)R.",
            "builtins.exec",
        ),
        (
            b"\x80\x04\x8c\x08builtins\x8c\x0d__import__.os\x93.",
            "builtins.__import__.os",
        ),
        (b"\x80\x02cposix\nsystem\n)\x81.", "posix.system"),
        (
            b"\x80\x04\x8c\x0asubprocess\x8c\x05Popen\x93)}\x92.",
            "subprocess.Popen",
        ),
        // INST, OBJ, and BUILD with a state that is to be called.
        (b"\x80\x02(ios\nsystem\n.", "os.system"),
        (b"\x80\x02(cos\nsystem\nX\x02\x00\x00\x00lso.", "os.system"),
        (b"\x80\x02cnet\nNet\n)\x81cnt\nsystem\nb.", "nt.system"),
        // A persistent id, and a key that is never read.
        (b"\x80\x02crunpy\nrun_path\nQ.", "runpy.run_path"),
        (b"\x80\x02}cpty\nspawn\nNs.", "pty.spawn"),
        // Names that lie in the memo, under other values, and are fetched in another order.
        (
            b"\x80\x04\x8c\x06system\x94\x8c\x02os\x940N0h\x01h\x00\x93.",
            "os.system",
        ),
        (
            b"\x80\x02X\x02\x00\x00\x00osq\x07X\x06\x00\x00\x00systemq\x0800h\x07h\x08\x93.",
            "os.system",
        ),
        (b"\x80\x04\x8c\x02os2\x8c\x05popen\x93.", "os.popen"),
    ] {
        let reason = refusal(pickle);
        let expected = format!("names `{name}`, which no file of weights needs");
        assert!(reason.contains(&expected), "{reason} does not name {name}");
        assert!(reason.ends_with("nothing was run"), "{reason}");
    }
}

#[test]
fn opcodes_that_torch_does_not_write_are_refused() {
    for (pickle, opcode) in [
        (&b"(inet\nNet\n."[..], 0x69),
        (b"(cnet\nNet\no.", 0x6f),
        (b"Pid\n.", 0x50),
        (b"\x82\x01.", 0x82),
        (b"\x83\x01\x00.", 0x83),
        (b"\x84\x01\x00\x00\x00.", 0x84),
        (b"\x97.", 0x97),
        (b"N\x98.", 0x98),
        (b"S'os'\n.", 0x53),
    ] {
        let reason = refusal(pickle);
        let expected = format!("opcode 0x{opcode:02x}, which torch.save does not write");
        assert!(reason.ends_with(&expected), "{reason}");
    }
}

/// What is no function that acts is only described, whatever opcode asks for it to be made.
#[test]
fn nothing_is_made() {
    for pickle in [
        &b"cnet\nNet\n)R."[..],
        b"cnet\nNet\n)\x81.",
        b"cnet\nNet\n)}\x92.",
        b"cnet\nNet\n)\x81}X\x04\x00\x00\x00codeX\x01\x00\x00\x001sb.",
    ] {
        let tree = parse(pickle).unwrap();
        let Value::Object(object) = tree.get(tree.root()) else {
            panic!("{:?}", tree.get(tree.root()));
        };
        assert_eq!(tree.global(object.global), Some("net.Net"));
        assert_eq!(tree.tuple(object.arguments), Some(&[][..]));
    }
}

/// "A billion laughs": a list of twice the list before, sixty times. Values are kept once.
#[test]
fn lists_of_shared_lists_take_what_they_have_in_the_file() {
    let mut pickle = b"]q\x00".to_vec();
    for _ in 0..60 {
        pickle.extend(b"](h\x00h\x00eq\x00");
    }
    pickle.push(b'.');
    assert_eq!(parse(&pickle).unwrap().all().len(), 61);
}

/// Pickles of one file, as PyTorch wrote them in a row, together have so many opcodes and so much text.
#[test]
fn pickles_in_a_row_share_their_limits() {
    let half = [b"N0".repeat(3 << 19), b"N.".to_vec()].concat();
    let source = Source::from(half.repeat(2));
    let mut input = Input::new(&source);
    load(&mut input).unwrap();
    match load(&mut input) {
        Err(Refusal::Corrupt(_, reason)) => {
            assert_eq!(reason, "its pickle has more than 4194304 opcodes");
        }
        other => panic!("{:?}", other.map(|tree| tree.all().len())),
    }
}
