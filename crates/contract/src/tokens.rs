//! Which token a request of the recordings needs, and where it comes from.

use std::path::Path;

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    deployment::{Deployment, Role},
    group::Mode,
    recording::{self, Token},
};

/// Tokens whose signature was changed after signing; their claims do not show it.
const TAMPERED: [&str; 2] = ["{{jwt:2}}", "{{jwt:18}}"];

/// The token from whose `auth_time` on a mode was recorded: its user's own.
fn first_token(mode: Mode) -> &'static str {
    match mode {
        Mode::Local => "{{jwt:1}}",
        Mode::S3 => "{{jwt:17}}",
    }
}

/// Signs a token with a pool's own key: its header and its claims are given. Only who owns the pool
/// can, so for most deployments there is none.
pub type Forge<'f> = &'f (dyn Fn(&Value, &Value) -> String + Sync);

/// The recorded tokens of a mode, and what was theirs.
pub(crate) struct RecordedTokens {
    tokens: Vec<(String, Token)>,
    first: Token,
}

/// What stands for a recorded token.
pub(crate) enum Substitute {
    /// A token.
    Token(String),
    /// None can be had, and why.
    Missing(String),
}

impl RecordedTokens {
    pub(crate) fn read(recordings: &Path, mode: Mode) -> anyhow::Result<Self> {
        let mut tokens = recording::tokens(recordings)?;
        let is_first = |(name, _): &&(String, Token)| name == first_token(mode);
        let first = tokens.iter().find(is_first).context("no first token")?;
        let first = first.1.clone();
        // Each mode was recorded with a pool of its own.
        let pool = first.claims["iss"].clone();
        let of_this_pool =
            |claims: &Value| claims["iss"] == pool || claims["sub"] == first.claims["sub"];
        tokens.retain(|(_, token)| of_this_pool(&token.claims));
        Ok(Self { tokens, first })
    }

    /// The pool and the client that were recorded.
    pub(crate) fn ids(&self) -> (&str, &str) {
        let text = |name: &str| self.first.claims[name].as_str().unwrap_or_default();
        let pool = text("iss").rsplit('/').next().unwrap_or_default();
        (pool, text("aud"))
    }

    /// The user's id and address of each role that were recorded.
    pub(crate) fn people(&self) -> impl Iterator<Item = (Role, &str, &str)> {
        self.tokens.iter().filter_map(|(_, token)| {
            let text = |name: &str| token.claims[name].as_str();
            let role = Role::of_groups(&token.claims["cognito:groups"]);
            Some((role, text("sub")?, text("email")?))
        })
    }

    /// What stands for each token. `translate` turns recorded claims into this deployment's.
    pub(crate) fn substitutes<'s>(
        &'s self,
        deployment: &'s Deployment,
        forge: Option<Forge<'s>>,
        translate: impl Fn(&Value) -> Value + 's,
    ) -> impl Iterator<Item = (&'s str, Substitute)> + 's {
        let recorded_at = self.first.claims["auth_time"].as_i64().unwrap_or_default();
        let age = jiff::Timestamp::now().as_second() - recorded_at;
        self.tokens.iter().map(move |(placeholder, token)| {
            let substitute = if let Some(role) = self.signed_in_role(placeholder, token) {
                signed_in(deployment, placeholder, token, role)
            } else if let Some(forge) = forge {
                let mut claims = translate(&token.claims);
                let role = Role::of_groups(&token.claims["cognito:groups"]);
                if let Some(account) = deployment.account(role)
                    && let Some(groups) = claims.get_mut("cognito:groups")
                {
                    *groups = account.groups.clone();
                }
                for time in ["auth_time", "exp", "iat"] {
                    if let Some(recorded) = claims[time].as_i64() {
                        claims[time] = (recorded + age).into();
                    }
                }
                Substitute::Token(forge(&token.header, &claims))
            } else {
                Substitute::Missing("only the owner of the pool's key can make its token".into())
            };
            (placeholder.as_str(), substitute)
        })
    }

    /// The role whose sign-in gives such a token, if any does.
    fn signed_in_role(&self, placeholder: &str, token: &Token) -> Option<Role> {
        let (claims, first) = (&token.claims, &self.first.claims);
        let is_access_token = claims["token_use"] == "access";
        let lives = claims["exp"].as_i64() > first["auth_time"].as_i64();
        let audience = if is_access_token { "client_id" } else { "aud" };
        let user = if is_access_token {
            "username"
        } else {
            "cognito:username"
        };
        let is_as_issued = TAMPERED.contains(&placeholder)
            || claims["iss"] == first["iss"]
                && claims[audience] == first["aud"]
                && claims[user] == claims["sub"]
                && claims.get("iat").is_none()
                && lives;
        is_as_issued.then(|| Role::of_groups(&claims["cognito:groups"]))
    }
}

/// The token of a sign-in, changed as the recorded one was.
fn signed_in(deployment: &Deployment, placeholder: &str, token: &Token, role: Role) -> Substitute {
    let Some(account) = deployment.account(role) else {
        return Substitute::Missing(role.needed());
    };
    Substitute::Token(if token.claims["token_use"] == "access" {
        account.access_token.clone()
    } else if TAMPERED.contains(&placeholder) {
        tamper(&account.id_token)
    } else if token.header["kid"] == "other" {
        with_key_id(&account.id_token, "other")
    } else {
        account.id_token.clone()
    })
}

/// Changes the signature, and nothing else.
fn tamper(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{first}{}", signature.get(1..).unwrap_or_default())
}

/// Names another key. Nobody can verify the signature then.
fn with_key_id(token: &str, key: &str) -> String {
    let (header, rest) = token.split_once('.').unwrap_or((token, ""));
    let decoded = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let mut header: Value = serde_json::from_slice(&decoded).unwrap_or_default();
    header["kid"] = key.into();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}
