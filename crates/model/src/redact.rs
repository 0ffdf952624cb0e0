//! Keeps secrets out of everything that is written.
//!
//! Code that gets a secret (a password, a token, a pre-signed signature) calls [`learn`]; the one
//! writer of the report passes every text through [`clean`], which replaces each secret by its
//! value wherever it stands. What is secret by its kind need not be learnt.

mod json;
mod kinds;
mod secrets;

pub use kinds::{MASK, is_plain, is_secret, is_secret_setting, shown_url};
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use secrets::COMPONENT;
pub use secrets::{Secrets, clean, clean_json, forget_after, known, learn, learn_code};
