//! Weights of the model hub (`hub:OWNER/NAME`), against a server on this machine that also does
//! everything wrong that servers do.

#[path = "../common/mod.rs"]
mod common;

mod cache;
mod environment;
mod fake;
mod models;
mod redirections;
mod refusals;
mod server;
mod transfer;
