#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    efficientnet_fuzz::parsers::packed(bytes);
});
