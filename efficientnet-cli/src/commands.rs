//! The commands, one file each.

pub(crate) mod bench;
pub(crate) mod classify;
pub(crate) mod compare;
pub(crate) mod completions;
mod counts;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod man;
mod measure;
mod photos;
mod picture;
pub(crate) mod plot;
pub(crate) mod profile;
pub(crate) mod quantize;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod scale;
pub(crate) mod spec;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod verify;
pub(crate) mod weights;
