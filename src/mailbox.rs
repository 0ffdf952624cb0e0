//! The mailbox of the embedded OpenCloud: it stands for the e-mails of Cognito, and for the administrator
//! of the pool.

use opencloud_model::{redact, service::Service};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::http::{Failure, Http, Request, SUCCESS};

/// The mailbox.
#[derive(Clone, Debug)]
pub struct Mailbox {
    http: Http,
    url: String,
}

/// A message of Cognito's.
#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    /// `confirmation`, `password-reset` or `invitation`.
    pub purpose: String,
    /// The one-time code, if the message holds one.
    pub confirmation_code: Option<SecretString>,
    /// The temporary password of an invitation.
    pub temporary_password: Option<SecretString>,
}

impl Mailbox {
    /// The mailbox at this address.
    #[must_use]
    pub fn new(http: Http, url: String) -> Self {
        Self { http, url }
    }

    /// The messages to an address, the latest last.
    pub async fn messages(&self, to: &str) -> Result<Vec<Message>, Failure> {
        let url = format!("{}/messages?to={to}", self.url);
        let request = Request::get(Service::Page, "read the mailbox", url);
        let answer = self.http.expect(request, &[SUCCESS]).await?;
        let messages: Vec<Message> = answer.json().await?;
        for message in &messages {
            if let Some(code) = &message.confirmation_code {
                redact::learn_code(code.expose_secret());
            }
            if let Some(password) = &message.temporary_password {
                redact::learn(password.expose_secret());
            }
        }
        Ok(messages)
    }

    /// Puts an account into a group, as an administrator does.
    pub async fn add_to_group(&self, email: &str, group: &str) -> Result<(), Failure> {
        let body = json!({"email": email, "group": group});
        self.administer("put an account into a group", "groups", &body)
            .await
    }

    /// Makes an account, whose user gets a temporary password.
    pub async fn invite(&self, email: &str) -> Result<(), Failure> {
        let body = json!({"email": email});
        self.administer("make an account", "invitations", &body)
            .await
    }

    /// Lets the codes that were sent to an address expire.
    pub async fn expire_codes(&self, email: &str) -> Result<(), Failure> {
        let body = json!({"email": email});
        self.administer("let codes expire", "expirations", &body)
            .await
    }

    async fn administer(
        &self,
        name: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<(), Failure> {
        let url = format!("{}/{path}", self.url);
        let request = Request::post(Service::Page, name, url).json(body);
        self.http.expect(request, &[SUCCESS]).await.map(drop)
    }
}
