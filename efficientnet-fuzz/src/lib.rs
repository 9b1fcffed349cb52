//! Every parser of the workspace on inputs that no one means well with.
//!
//! [`PARSERS`] is the one list: the function that drives a parser, small valid files to begin with, and
//! how they are mutated. The command of this crate runs mutated inputs on stable Rust and watches for
//! panics, hangs and memory; the targets of `fuzz/` hand libFuzzer's inputs to the same functions.

mod mutate;
pub mod parsers;
mod seeds;

use fastrand::Rng;

use mutate::{Inside, png, riff, safetensors, zip};

/// A parser, and how inputs for it are made.
pub struct Parser {
    /// Its name, which is that of the target in `fuzz/fuzz_targets`, too.
    pub name: &'static str,
    /// Parses an input and uses what there is; whether there is anything.
    pub run: fn(&[u8]) -> bool,
    /// Small valid files.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// What means something to it.
    dictionary: &'static [&'static [u8]],
    /// Ways to edit a part of a file so that its lengths and checksums agree: otherwise these would stop
    /// nearly every mutation at the door.
    inside: &'static [Inside],
}

impl Parser {
    /// A parser without seeds.
    pub const fn plain(name: &'static str, run: fn(&[u8]) -> bool) -> Self {
        Self {
            name,
            run,
            seeds: Vec::new,
            dictionary: &[],
            inside: &[],
        }
    }
}

/// All parsers.
pub static PARSERS: [Parser; 12] = [
    Parser {
        name: "spec",
        run: parsers::spec,
        seeds: seeds::specs,
        dictionary: mutate::YAML,
        inside: &[],
    },
    Parser {
        name: "safetensors",
        run: parsers::checkpoint,
        seeds: seeds::safetensors,
        dictionary: mutate::JSON,
        inside: &[safetensors::header],
    },
    Parser {
        name: "pth",
        run: parsers::checkpoint,
        seeds: seeds::pth,
        dictionary: mutate::PICKLE,
        inside: &[zip::entry, zip::entries],
    },
    Parser {
        name: "h5",
        run: parsers::checkpoint,
        seeds: seeds::h5,
        dictionary: mutate::HDF5,
        inside: &[],
    },
    Parser {
        name: "keras",
        run: parsers::checkpoint,
        seeds: seeds::keras,
        dictionary: mutate::HDF5,
        inside: &[zip::entry, zip::entry, zip::entries],
    },
    Parser {
        name: "keras_config",
        run: parsers::keras_config,
        seeds: seeds::keras_configs,
        dictionary: mutate::JSON,
        inside: &[],
    },
    Parser {
        name: "npz",
        run: parsers::checkpoint,
        seeds: seeds::npz,
        dictionary: mutate::NPY,
        inside: &[zip::array, zip::entry, zip::entries],
    },
    Parser {
        name: "npy",
        run: parsers::npy,
        seeds: seeds::npy,
        dictionary: mutate::NPY,
        inside: &[mutate::npy::header],
    },
    Parser {
        name: "jpeg",
        run: parsers::image,
        seeds: seeds::jpeg,
        dictionary: mutate::JPEG,
        inside: &[],
    },
    Parser {
        name: "png",
        run: parsers::image,
        seeds: seeds::png,
        dictionary: mutate::PNG,
        inside: &[png::chunk, png::rows, png::chunks],
    },
    Parser {
        name: "webp",
        run: parsers::image,
        seeds: seeds::webp,
        dictionary: mutate::WEBP,
        inside: &[riff::chunk, riff::chunks],
    },
    Parser {
        name: "packed",
        run: parsers::packed,
        seeds: seeds::packed,
        dictionary: &[b"avx2", b"avx512", b"portable", b"symmetric"],
        inside: &[],
    },
];

/// The inputs of one parser.
pub struct Inputs {
    parser: &'static Parser,
    seeds: Vec<Vec<u8>>,
}

impl Inputs {
    /// Reads a parser's seeds.
    pub fn new(parser: &'static Parser) -> Self {
        Self {
            parser,
            seeds: (parser.seeds)(),
        }
    }

    /// Whose they are.
    pub fn parser(&self) -> &'static Parser {
        self.parser
    }

    /// The seeds, which are also the first inputs.
    pub fn seeds(&self) -> &[Vec<u8>] {
        &self.seeds
    }

    /// An input by its number: the same in every run.
    pub fn get(&self, number: u64) -> Vec<u8> {
        let seed = usize::try_from(number).ok();
        if let Some(seed) = seed.and_then(|seed| self.seeds.get(seed)) {
            return seed.clone();
        }
        mutate::input(
            &mut Rng::with_seed(number),
            &self.seeds,
            self.parser.dictionary,
            self.parser.inside,
        )
    }
}
