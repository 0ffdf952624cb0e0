//! Writes down what the frontend and a deployment say to one another: one exchange of each kind, with
//! placeholders for what changes from run to run and for all that is secret.

mod kind;
mod placeholders;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use self::{
    kind::kind,
    placeholders::{body, reduced},
};
use crate::{
    http::{Answer, Request},
    recording::frontend,
    service::Service,
    texts::Texts,
};

/// Headers that every browser sends, and that tell nothing of the frontend.
const OF_BROWSERS: [&str; 12] = [
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "dnt",
    "host",
    "origin-agent-cluster",
    "pragma",
    "priority",
    "referer",
    "upgrade-insecure-requests",
    "user-agent",
];

/// Headers of an answer that a page or a browser goes by, besides those of CORS.
const OF_ANSWERS: [&str; 5] = ["content-type", "allow", "vary", "x-amzn-errortype", "etag"];

/// What was recorded so far.
#[derive(Debug, Default)]
pub struct Recorder {
    exchanges: Vec<Value>,
    kinds: BTreeSet<String>,
    action: Option<String>,
    texts: Texts,
    /// Addresses of people, and what stands for them.
    people: BTreeMap<String, String>,
}

impl Recorder {
    /// From now on, exchanges belong to this action of the user's.
    pub fn name_action(&mut self, action: &str) {
        self.action = Some(action.to_owned());
    }

    /// From now on, `origin` is where `service` was.
    pub fn add_origin(&mut self, service: Service, origin: &str) {
        self.texts.add(origin, frontend::origin(service));
    }

    /// Notes an exchange with `service`. Returns whether it is the first of its kind.
    pub fn note(&mut self, service: Service, request: &Request, answer: &Answer) -> bool {
        self.learn_people(request.body.as_deref().unwrap_or_default());
        let boundary = request
            .headers
            .iter()
            .find_map(|(_, value)| Some(value.split_once("boundary=")?.1.to_owned()));
        let mut texts = self.texts.clone();
        if let Some(boundary) = &boundary {
            texts.add(boundary, "{{boundary}}");
        }
        let reduce = |text: &str| reduced(&texts.text(text));
        let path = request.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').map_or("/", |start| &path[start..]);
        let is_kept = |name: &str| !OF_BROWSERS.contains(&name) && !name.starts_with("sec-");
        let headers: Map<_, _> = request
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .filter(|(name, _)| is_kept(name))
            .map(|(name, value)| match &*name {
                "cookie" => (name, "{{cookie}}".into()),
                _ => (name, reduce(value).into()),
            })
            .collect();
        let is_told =
            |name: &str| OF_ANSWERS.contains(&name) || name.starts_with("access-control-");
        let answer_headers: Map<_, _> = answer
            .headers
            .iter()
            .filter(|(name, _)| is_told(name))
            .map(|(name, value)| (name.clone(), reduce(value).into()))
            .collect();
        let body = |bytes: &[u8]| body(bytes, &texts);
        let exchange = json!({
            "action": self.action.as_deref().unwrap_or("not named"),
            "to": service,
            "method": request.method,
            "url": reduce(path),
            "headers": headers,
            "body": body(request.body.as_deref().unwrap_or_default()),
            "status": answer.status,
            "answer_headers": answer_headers,
            "answer": body(&answer.body),
        });
        let is_new = self.kinds.insert(kind(&exchange));
        if is_new {
            self.exchanges.push(exchange);
        }
        is_new
    }

    /// The user who signs in, and one who registers, are people.
    fn learn_people(&mut self, body: &[u8]) {
        let Ok(said) = serde_json::from_slice::<Value>(body) else {
            return;
        };
        let names = [&said["AuthParameters"]["USERNAME"], &said["Username"]];
        for (name, instead) in names
            .into_iter()
            .zip(["test@example.com", "new@example.com"])
        {
            if let Some(name) = name.as_str()
                && name.contains('@')
                && !self.people.contains_key(name)
            {
                self.people.insert(name.to_owned(), instead.to_owned());
                self.texts.add(name, instead);
            }
        }
    }

    /// How many kinds there are.
    #[must_use]
    pub fn kinds(&self) -> usize {
        self.exchanges.len()
    }

    /// The recording, in the form of `frontend/<mode>.json`.
    ///
    /// # Errors
    /// Never, for it is JSON.
    pub fn text(&self) -> anyhow::Result<String> {
        frontend::text_of(&self.exchanges)
    }
}

#[cfg(test)]
mod tests;
