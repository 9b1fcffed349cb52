//! `weights`: looking into checkpoints and converting them.

pub(crate) mod convert;
pub(crate) mod inspect;
mod variant;
