//! The commands, one file each.

pub(crate) mod classify;
pub(crate) mod run;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod verify;
pub(crate) mod weights;
