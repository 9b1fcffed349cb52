//! The generated code of this crate's models: after an intended change, `INSTA_UPDATE=always cargo
//! test`, and read the difference.

use efficientnet::testing::{ExpandError, ModelOptions, expand, expand_with};

#[test]
fn tiny() -> Result<(), ExpandError> {
    insta::assert_snapshot!(expand("specs/tiny.yaml", "tiny")?);
    Ok(())
}

#[test]
fn maps() -> Result<(), ExpandError> {
    let options = ModelOptions {
        outputs: vec!["block1".to_owned(), "block2".to_owned()],
        ..ModelOptions::default()
    };
    insta::assert_snapshot!(expand_with("specs/tiny.yaml", "tiny", &options)?);
    Ok(())
}
