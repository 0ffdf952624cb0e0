//! Accounts: registered, confirmed, recovered, invited and locked. Only the embedded OpenCloud has a
//! mailbox; elsewhere no account is made, no message sent and nothing locked.

mod invitation;
mod lockout;
mod recovery;
mod refusals;
mod registration;

use opencloud_model::{event::Failure, redact, settings::Account};
use opencloud_suite::{
    accounts::{self, Challenge, CodeDelivery},
    cognito::{Cognito, SignInError},
    mailbox::{Mailbox, Message},
    page,
    suite::Suite,
};
use secrecy::{ExposeSecret, SecretString};

use crate::fixture::not_checked;

tests! { "accounts":
    invitation::invitation, lockout::lockout, recovery::forgotten_password, refusals::refusals, registration::registration
}

/// How often an account is made anew, because an answer that was lost leaves the outcome open.
const ATTEMPTS: usize = 3;

/// Why a new account is wanted, in letters that JSON and UTF-8 have to keep.
const DETAILS: &str = "Ünïcode \"details\" \\ 微";

/// The pool and the mailbox, where there is one.
struct Pool<'a> {
    cognito: &'a Cognito,
    mailbox: Mailbox,
}

impl<'a> Pool<'a> {
    /// The pool and its mailbox. If there is none, reports that `what` was not checked.
    fn with_mailbox(suite: &'a Suite, what: &str) -> Option<Self> {
        let Some(url) = suite.settings.extras.mailbox.clone() else {
            not_checked(
                what,
                "codes are sent by e-mail, and MAILBOX_URL of the embedded OpenCloud is not set",
            );
            return None;
        };
        Some(Self {
            cognito: suite.session.cognito(),
            mailbox: Mailbox::new(suite.http.clone(), url),
        })
    }

    /// Registers a new account and confirms it. Where registration is closed, an administrator makes it.
    async fn registered(&self) -> Result<Account, Failure> {
        let mut attempt = 1;
        loop {
            let account = new_account();
            match self.register_and_confirm(&account).await {
                Ok(()) => return Ok(account),
                Err(NotRegistered::Cognito(error)) if error.closes_registration() => {
                    return self.invited().await;
                }
                Err(error) if attempt < ATTEMPTS && error.is_done_already() => attempt += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// An account that an administrator has made, and whose user has chosen a password.
    async fn invited(&self) -> Result<Account, Failure> {
        let mut attempt = 1;
        loop {
            let invited = self.invite().await?;
            let challenge = self.challenge(&invited).await?;
            let chosen = with_password(&invited, new_password());
            let result = self.cognito.choose_password(&chosen, &challenge.session);
            match result.await {
                Err(error) if attempt < ATTEMPTS && error.leaves_open() => attempt += 1,
                result => return result.map(|()| chosen).map_err(Failure::from),
            }
        }
    }

    /// A new account with the temporary password that was sent to it.
    async fn invite(&self) -> Result<Account, Failure> {
        let account = new_account();
        self.mailbox.invite(&account.email).await?;
        let message = self.latest(&account, "invitation").await?;
        let password = message.and_then(|message| message.temporary_password);
        let password =
            password.ok_or_else(|| Failure::ourselves("no invitation in the mailbox"))?;
        Ok(with_password(&account, password))
    }

    /// The challenge of a sign-in with a temporary password.
    async fn challenge(&self, invited: &Account) -> Result<Challenge, Failure> {
        self.cognito.challenge(invited).await?.ok_or_else(|| {
            Failure::stack(
                "Cognito issues tokens for a temporary password, although its user should choose \
                 another one first",
            )
        })
    }

    async fn register_and_confirm(&self, account: &Account) -> Result<(), NotRegistered> {
        self.cognito.sign_up(account, DETAILS).await?;
        let code = self.code(account, "confirmation").await?;
        Ok(self.cognito.confirm(&account.email, &code).await?)
    }

    /// The latest code of this purpose that was sent to the account.
    async fn code(&self, account: &Account, purpose: &str) -> Result<SecretString, Failure> {
        let message = self.latest(account, purpose).await?;
        let code = message.and_then(|message| message.confirmation_code);
        code.ok_or_else(|| {
            Failure::stack(format!(
                "Cognito says that a code was sent ({purpose}), but no message holds one (Cognito, the \
                 pool's e-mail configuration)"
            ))
        })
    }

    async fn latest(&self, account: &Account, purpose: &str) -> Result<Option<Message>, Failure> {
        let messages = self.mailbox.messages(&account.email).await?;
        let mut latest = messages.into_iter().rev();
        Ok(latest.find(|message| message.purpose == purpose))
    }
}

/// Why an account was not registered.
enum NotRegistered {
    Cognito(SignInError),
    Other(Failure),
}

impl NotRegistered {
    /// Whether the request may have been done before: a browser sends one again if its connection
    /// breaks.
    fn is_done_already(&self) -> bool {
        match self {
            Self::Cognito(error) => {
                error.is("UsernameExistsException") || error.is_not_authorized()
            }
            Self::Other(_) => false,
        }
    }
}

impl From<SignInError> for NotRegistered {
    fn from(error: SignInError) -> Self {
        Self::Cognito(error)
    }
}

impl From<Failure> for NotRegistered {
    fn from(failure: Failure) -> Self {
        Self::Other(failure)
    }
}

impl From<NotRegistered> for Failure {
    fn from(error: NotRegistered) -> Self {
        match error {
            NotRegistered::Cognito(error) => error.into(),
            NotRegistered::Other(failure) => failure,
        }
    }
}

/// An account that no pool has.
fn new_account() -> Account {
    Account {
        email: accounts::new_address(),
        password: new_password(),
    }
}

/// A password that every policy allows.
fn new_password() -> SecretString {
    let password = format!("{}-Aa1", page::random_id());
    redact::learn(&password);
    password.into()
}

/// The same account with another password.
fn with_password(account: &Account, password: impl Into<SecretString>) -> Account {
    Account {
        email: account.email.clone(),
        password: password.into(),
    }
}

/// A code of six digits that is not this one.
fn another(code: &SecretString) -> SecretString {
    let other = |digit: char| if digit == '0' { '1' } else { '0' };
    let code: String = code.expose_secret().chars().map(other).collect();
    code.into()
}

/// The page shows its user where a code was sent, but not to whom.
fn check_delivery(delivery: &CodeDelivery, account: &Account) -> Result<(), Failure> {
    let shown = &delivery.destination;
    if shown.is_empty() || *shown == account.email {
        return Err(Failure::stack(format!(
            "Cognito says that a code was sent to {shown:?}, which should be the address with most letters \
             left out"
        )));
    }
    Ok(())
}

/// A code must be known to the owner of the address alone.
fn check_secret(holds: bool, operation: &str) -> Result<(), Failure> {
    if holds {
        return Err(Failure::stack(format!(
            "the answer to {operation} holds the code itself, so anyone can use any address (Cognito)"
        )));
    }
    Ok(())
}
