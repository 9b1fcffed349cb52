//! Generates `lite0.rs`.

use efficientnet_codegen::{BuildError, Builder, Padding};

fn main() -> Result<(), BuildError> {
    Builder::new("lite")
        .variant("lite0")
        .padding(Padding::Same)
        .generate()
}
