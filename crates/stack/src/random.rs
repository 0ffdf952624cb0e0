//! Random text.

use rand::distr::{Alphanumeric, SampleString as _};

/// So many letters and digits.
pub(crate) fn alphanumeric(characters: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), characters)
}
