//! From the recorded world to the stack's: hosts, ids, tokens, and what one exchange hands to the
//! next.

use opencloud_stack::Stack;
use serde_json::Value;

use super::recording::{Body, Exchange, Recorded, read_tokens};
use crate::support::http::{Answer, Request};

/// Tokens whose signature was changed after signing; their claims do not show it.
const TAMPERED: [&str; 2] = ["{{jwt:2}}", "{{jwt:18}}"];

/// The token from whose `auth_time` on a mode was recorded: the first one.
fn first_token(mode: &str) -> &'static str {
    if mode == "local" {
        "{{jwt:1}}"
    } else {
        "{{jwt:17}}"
    }
}

/// Texts of the recording, and what stands for them here; longer ones go first.
pub struct Translation {
    texts: Vec<(String, String)>,
    mode: &'static str,
}

impl Translation {
    /// A token of the user who made most of the recordings.
    pub fn first_token(&self) -> String {
        self.text(first_token(self.mode))
    }

    pub async fn new(stack: &Stack, mode: &'static str) -> Self {
        let tokens = read_tokens();
        let first = &tokens[first_token(mode)]["claims"];
        let (ids, urls) = (stack.ids(), stack.urls());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pool = text(&first["iss"]);
        let pool = pool.rsplit('/').next().unwrap().to_owned();
        let texts = vec![
            ("http://localhost:8000".into(), urls.user_api.clone()),
            // Where Cognito and S3 were together; these groups only ask S3.
            ("http://localhost:5000".into(), urls.s3.clone()),
            (pool.clone(), ids.user_pool.clone()),
            (text(&first["aud"]), ids.client.clone()),
        ];
        let mut translation = Self { texts, mode };
        let of_this_pool: Vec<_> = tokens
            .iter()
            .filter(|(_, token)| token["claims"]["aud"] != "someone-else")
            .filter(|(_, token)| text(&token["claims"]["iss"]).ends_with(&pool))
            .collect();
        for (_, token) in &of_this_pool {
            let Some(email) = token["claims"]["email"].as_str() else {
                continue;
            };
            let groups = token["claims"]["cognito:groups"].as_array();
            let groups = groups.map_or(&[][..], Vec::as_slice);
            let account = stack.accounts().iter().find(|account| {
                account.groups.len() == groups.len()
                    && account
                        .groups
                        .iter()
                        .all(|g| groups.iter().any(|group| group == g))
            });
            let account = account.expect("an account in the same groups");
            translation.add(&text(&token["claims"]["sub"]), &account.sub);
            translation.add(email, &account.email);
        }
        let recorded_at = first["auth_time"].as_i64().unwrap();
        let age = jiff::Timestamp::now().as_second() - recorded_at;
        for (placeholder, token) in &tokens {
            let mut claims = token["claims"].clone();
            for time in ["auth_time", "exp", "iat"] {
                if let Some(recorded) = claims[time].as_i64() {
                    claims[time] = (recorded + age).into();
                }
            }
            let minted = mint(
                stack,
                &token["header"],
                &translation.json(&claims),
                placeholder,
            )
            .await;
            translation.add(placeholder, &minted);
        }
        translation
    }

    fn add(&mut self, recorded: &str, ours: &str) {
        self.texts.retain(|(known, _)| known != recorded);
        self.texts.push((recorded.into(), ours.into()));
        self.texts
            .sort_by_key(|(recorded, _)| std::cmp::Reverse(recorded.len()));
    }

    fn bytes(&self, recorded: &[u8]) -> Vec<u8> {
        let mut ours = Vec::new();
        let mut rest = recorded;
        'next: while let Some((first, after)) = rest.split_first() {
            for (from, to) in &self.texts {
                if rest.starts_with(from.as_bytes()) {
                    ours.extend_from_slice(to.as_bytes());
                    rest = &rest[from.len()..];
                    continue 'next;
                }
            }
            ours.push(*first);
            rest = after;
        }
        ours
    }

    fn text(&self, recorded: &str) -> String {
        String::from_utf8(self.bytes(recorded.as_bytes())).unwrap()
    }

    fn json(&self, recorded: &Value) -> Value {
        match recorded {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(entries) => {
                let entries = entries.iter();
                entries
                    .map(|(key, value)| (key.clone(), self.json(value)))
                    .collect()
            }
            other => other.clone(),
        }
    }

    fn headers(&self, recorded: &[(String, String)]) -> Vec<(String, String)> {
        let headers = recorded.iter();
        headers
            .map(|(name, value)| (name.clone(), self.text(value)))
            .collect()
    }

    /// The request to send.
    pub fn request(&self, exchange: &Exchange) -> Request {
        Request {
            method: exchange.method.clone(),
            url: self.text(&exchange.url),
            headers: self.headers(&exchange.headers),
            body: exchange.body.as_ref().map(|body| self.bytes(body)),
        }
    }

    /// The answer to expect.
    pub fn expected(&self, exchange: &Exchange) -> Recorded {
        let recorded = &exchange.answer;
        Recorded {
            status: recorded.status,
            headers: self.headers(&recorded.headers),
            body: match &recorded.body {
                Body::Json(json) => Body::Json(self.json(json)),
                Body::Bytes(bytes) => Body::Bytes(self.bytes(bytes)),
            },
        }
    }

    /// Remembers the pre-signed request that the stack answered with, for the exchange that uses
    /// the recorded one.
    pub fn learn(&mut self, exchange: &Exchange, answer: &Answer) {
        let Body::Json(recorded) = &exchange.answer.body else {
            return;
        };
        let Ok(ours) = serde_json::from_slice::<Value>(&answer.body) else {
            return;
        };
        if let (Some(recorded), Some(ours)) =
            (recorded["data"].as_object(), ours["data"].as_object())
        {
            for (field, value) in recorded {
                if let (Some(recorded), Some(ours)) = (value.as_str(), ours.get(field)) {
                    self.add(recorded, ours.as_str().unwrap_or_default());
                }
            }
        }
        if let (Some(recorded), Some(ours)) = (recorded["url"].as_str(), ours["url"].as_str()) {
            const SIGNATURE: &str = "&X-Amz-Signature=";
            if let (Some((recorded_unsigned, _)), Some((unsigned, _))) =
                (recorded.split_once(SIGNATURE), ours.split_once(SIGNATURE))
            {
                self.add(recorded, ours);
                self.add(
                    &format!("{recorded_unsigned}{SIGNATURE}"),
                    &format!("{unsigned}{SIGNATURE}"),
                );
            }
        }
    }
}

async fn mint(stack: &Stack, header: &Value, claims: &Value, placeholder: &str) -> String {
    let mut minted = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
    minted.kid = match header["kid"].as_str().unwrap() {
        // The emulator's one key.
        "dummy" => Some(stack.cognito().kid().await),
        other => Some(other.to_owned()),
    };
    let token = stack.cognito().sign(&minted, claims).await;
    if TAMPERED.contains(&placeholder) {
        tamper(&token)
    } else {
        token
    }
}

/// Changes the signature, and nothing else.
fn tamper(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{first}{}", &signature[1..])
}
