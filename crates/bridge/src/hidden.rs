//! A text that must not be printed or left in memory: passwords, values, kits.

use core::fmt;
use zeroize::Zeroize;

/// A text that does not print itself and is wiped when dropped.
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
pub struct Hidden(String);

impl Hidden {
    /// Hides `text`.
    #[must_use]
    pub fn new(text: String) -> Self {
        Hidden(text)
    }

    /// The text, for what is not hidden.
    #[must_use]
    pub fn into_inner(mut self) -> String {
        core::mem::take(&mut self.0)
    }

    /// The text, for the one place that shows or uses it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Hidden(text)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Hidden::new("canary".into())), "Hidden");
    }
}
