//! The administrator of a user pool, and the messages to its users.

use super::{
    account::{self, Account, Status},
    attributes,
    messages::Message,
    pool::Pool,
};

/// The groups of the pool: those that the UserAPI knows.
pub(crate) const GROUPS: [&str; 3] = ["users", "workers", "cloud"];

/// The administrator of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Administration<'a> {
    pool: &'a Pool,
}

/// Why the administrator cannot do that.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("there is no account with this address")]
    NoSuchAccount,
    #[error("there is no such group; there are: {}", GROUPS.join(", "))]
    NoSuchGroup,
    #[error("this is not an e-mail address")]
    NoAddress,
    #[error("there is an account with this address already")]
    Taken,
    #[error(transparent)]
    Database(#[from] rusqlite::Error),
}

impl<'a> Administration<'a> {
    pub(super) fn of(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// All accounts, the oldest first.
    pub(crate) fn accounts(self) -> Result<Vec<Account>, Refused> {
        Ok(self.pool.accounts.all()?)
    }

    /// The messages to this address, or to all, the latest last.
    pub(crate) fn messages(self, to: Option<&str>) -> Result<Vec<Message>, Refused> {
        Ok(self.pool.messages.to(to)?)
    }

    /// Puts an account into a group. Its next token says so.
    pub(crate) fn add_to_group(self, email: &str, group: &str) -> Result<(), Refused> {
        if !GROUPS.contains(&group) {
            return Err(Refused::NoSuchGroup);
        }
        Ok(self.pool.accounts.join(&self.find(email)?.sub, group)?)
    }

    /// Makes an account whose user must choose a password, and sends them a temporary one.
    pub(crate) fn invite(self, email: &str) -> Result<(), Refused> {
        if !attributes::is_address(email) {
            return Err(Refused::NoAddress);
        }
        let password = account::random_password();
        let account = Account::new(email, &password, Status::ForceChangePassword);
        if !self.pool.accounts.add(&account)? {
            return Err(Refused::Taken);
        }
        Ok(self.pool.messages.send_invitation(email, &password)?)
    }

    /// Lets the codes that were sent to this address expire now.
    pub(crate) fn expire_codes(self, email: &str) -> Result<(), Refused> {
        Ok(self.pool.codes.expire(&self.find(email)?.sub)?)
    }

    fn find(self, email: &str) -> Result<Account, Refused> {
        self.pool
            .accounts
            .find(email)?
            .ok_or(Refused::NoSuchAccount)
    }
}
