//! The accounts that sign in.

use secrecy::SecretString;

/// An account of the user pool.
#[derive(Clone, Debug)]
pub struct Account {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

/// Settings that some checks need besides the account. Without them, those checks are reported as *not
/// checked*.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Another user (`SECOND_EMAIL`, `SECOND_PASSWORD`).
    pub second: Option<Account>,
    /// A user in some group, but not in `users` (`WORKER_EMAIL`, `WORKER_PASSWORD`).
    pub worker: Option<Account>,
    /// A user in no group (`NOGROUP_EMAIL`, `NOGROUP_PASSWORD`).
    pub no_group: Option<Account>,
    /// A user of whom every run deletes all files (`SCRATCH_EMAIL`, `SCRATCH_PASSWORD`).
    pub scratch: Option<Account>,
    /// The account's ID token, expired (`EXPIRED_TOKEN`).
    pub expired_token: Option<SecretString>,
    /// The account's ID token, made for another client (`OTHER_CLIENT_TOKEN`).
    pub other_client_token: Option<SecretString>,
    /// The UserAPI's answer for an upload, expired (`EXPIRED_UPLOAD`, JSON).
    pub expired_upload: Option<SecretString>,
    /// The mailbox of the embedded OpenCloud (`MAILBOX_URL`). Without it, no account is made.
    pub mailbox: Option<String>,
    /// Whether the page is served over https too (`HTTPS_PAGE`), as `cargo e2e` does.
    pub https_page: bool,
    /// Whether advice counts as failure (`STRICT`).
    pub strict: bool,
}
