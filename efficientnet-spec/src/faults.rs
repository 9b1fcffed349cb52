//! What a verifier finds.

use std::error::Error;
use std::fmt;

/// Everything that a verifier found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults<F>(pub Vec<F>);

impl<F> Faults<F> {
    /// An error unless there is no fault.
    pub(crate) fn check(faults: Vec<F>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Faults(faults))
        }
    }
}

impl<F: fmt::Debug + fmt::Display> Error for Faults<F> {}

/// One line a fault.
impl<F: fmt::Display> fmt::Display for Faults<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}
