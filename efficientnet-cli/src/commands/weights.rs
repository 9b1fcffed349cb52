//! `weights`: looking into checkpoints and converting them.

pub(crate) mod convert;
pub(crate) mod inspect;
pub(crate) mod pack;
mod variant;
