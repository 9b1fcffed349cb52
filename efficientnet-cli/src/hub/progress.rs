//! How much of a file is here, on a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A line on standard error, gone when it is dropped; nothing where that is no terminal.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(address: &str, size: Option<u64>) -> Self {
        let (bar, template) = match size {
            Some(size) => (
                ProgressBar::new(size),
                "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            ),
            None => (ProgressBar::no_length(), "{msg} {bytes} {bytes_per_sec}"),
        };
        let style = ProgressStyle::with_template(template);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let name = address.rsplit('/').next().unwrap_or(address);
        Self(bar.with_message(name.to_owned()))
    }

    /// Bytes that are here.
    pub(super) fn set(&self, bytes: u64) {
        self.0.set_position(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
