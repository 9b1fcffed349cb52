//! Docs, lints, `cfg` and the derives that weights allow.

#![deny(missing_docs, warnings)]

/// A model with docs of its own.
#[efficientnet::model(spec = "efficientnet", variant = "b0")]
#[derive(Clone, Debug)]
#[allow(clippy::upper_case_acronyms)]
#[cfg(not(any()))]
#[must_use]
pub struct BZERO;

#[efficientnet::model(spec = "efficientnet", variant = "no such variant")]
#[cfg(any())]
struct Absent;

#[test]
fn docs_lints_and_derives() {
    fn has<T: Clone + std::fmt::Debug + Send + Sync + efficientnet::Model>() {}
    has::<BZERO>();
}
