//! Parsers that fail as none may, so that a test shows that it is noticed. Only their names start them.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use efficientnet_fuzz::Parser;

pub(crate) static FAULTY: [Parser; 3] = [
    Parser::plain("faulty_panic", |_| panic!("on purpose")),
    Parser::plain("faulty_hang", |_| {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }),
    Parser::plain("faulty_memory", |_| {
        black_box(vec![1u8; super::child::MEMORY_LIMIT]);
        true
    }),
];
