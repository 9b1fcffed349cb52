//! `spec`: checking specs, and the schema of their language.

pub(crate) mod check;
pub(crate) mod schema;
mod snippet;
