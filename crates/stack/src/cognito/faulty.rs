//! The faults of passwords.

use std::sync::{Mutex, PoisonError};

use super::account::Account;

/// Passwords that were replaced and are accepted all the same: the user's id, and the password. Without
/// a fault there are none.
#[derive(Default)]
pub(super) struct FormerPasswords(Mutex<Vec<(String, String)>>);

impl FormerPasswords {
    /// Lets the account's password stay valid, whatever takes its place.
    pub(super) fn keep(&self, account: &Account) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((account.sub.clone(), account.password.clone()));
    }

    pub(super) fn has(&self, account: &Account, password: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .any(|(sub, former)| *sub == account.sub && former == password)
    }
}

// By hand: passwords stay out of logs.
impl std::fmt::Debug for FormerPasswords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FormerPasswords").finish_non_exhaustive()
    }
}
