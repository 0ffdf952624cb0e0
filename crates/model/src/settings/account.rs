//! The accounts that sign in.

use secrecy::SecretString;

use super::choice::Environment;

/// An account of the user pool.
#[derive(Clone, Debug)]
pub struct Account {
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: SecretString,
}

/// The part that an account of the settings has in the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The user of the run.
    User,
    /// Another user.
    Second,
    /// A user in some group, but not in `users`.
    Worker,
    /// A user in no group.
    NoGroup,
    /// A user of whom every run deletes all files.
    Scratch,
}

/// The group of those who use the UserAPI.
const USERS: &str = "users";

impl Part {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::User,
        Self::Second,
        Self::Worker,
        Self::NoGroup,
        Self::Scratch,
    ];

    /// The keys of its e-mail address and its password.
    #[must_use]
    pub fn keys(self, environment: Environment) -> [&'static str; 2] {
        match self {
            Self::User => environment.account_keys().into(),
            Self::Second => ["SECOND_EMAIL", "SECOND_PASSWORD"],
            Self::Worker => ["WORKER_EMAIL", "WORKER_PASSWORD"],
            Self::NoGroup => ["NOGROUP_EMAIL", "NOGROUP_PASSWORD"],
            Self::Scratch => ["SCRATCH_EMAIL", "SCRATCH_PASSWORD"],
        }
    }

    /// Why an account in these groups cannot have this part, if it cannot.
    #[must_use]
    pub fn objection(self, groups: &[&str]) -> Option<String> {
        let is_user = groups.contains(&USERS);
        let wanted = match self {
            Self::User | Self::Second | Self::Scratch if !is_user => "it must be in `users`",
            Self::Worker if is_user || groups.is_empty() => {
                "it must be in some group, and not in `users`"
            }
            Self::NoGroup if !groups.is_empty() => "it must be in no group",
            _ => return None,
        };
        let groups: Vec<_> = groups.iter().map(|group| format!("`{group}`")).collect();
        let found = match groups.as_slice() {
            [] => "in no group".to_owned(),
            groups => format!("in {}", groups.join(" and ")),
        };
        Some(format!("is {found}, but {wanted}"))
    }
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
