//! The commands, one file each.

pub(crate) mod bench;
pub(crate) mod classify;
pub(crate) mod generate;
mod measure;
pub(crate) mod profile;
pub(crate) mod run;
pub(crate) mod scale;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod verify;
pub(crate) mod weights;
