//! Writes down what the frontend and a deployment say to one another: one exchange of each kind, with
//! placeholders for what changes from run to run and for all that is secret.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::{http::Answer, http::Request, recording::frontend, texts::Texts};

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

/// Members of JSON, in lower case, whose values have a placeholder.
const MEMBERS: [(&str, &str); 16] = [
    ("password", "{{password}}"),
    ("previouspassword", "{{password}}"),
    ("proposedpassword", "{{password}}"),
    ("new_password", "{{password}}"),
    ("clientid", "{{client}}"),
    ("client_id", "{{client}}"),
    ("refresh_token", "{{refresh_token}}"),
    ("refreshtoken", "{{refresh_token}}"),
    ("idtoken", "{{token}}"),
    ("accesstoken", "{{token}}"),
    ("token", "{{token}}"),
    ("session", "{{session}}"),
    ("device_key", "{{device}}"),
    ("policy", "{{policy}}"),
    ("x-amz-signature", "{{signature}}"),
    ("confirmationcode", "123456"),
];

/// Which service took a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// The UserAPI.
    UserApi,
    /// Cognito.
    Cognito,
    /// S3.
    S3,
}

impl Taker {
    fn name(self) -> &'static str {
        match self {
            Self::UserApi => "user_api",
            Self::Cognito => "cognito",
            Self::S3 => "s3",
        }
    }

    /// The origin that recordings have for it.
    fn recorded_origin(self) -> &'static str {
        match self {
            Self::UserApi => frontend::USER_API,
            Self::Cognito | Self::S3 => frontend::EMULATOR,
        }
    }
}

/// Patterns in any text, and their placeholders.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (r"\beyJ[\w-]+(\.[\w-]*){2,4}", "{{token}}"),
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "{{uuid}}",
        ),
        (r"\b([a-z]{2}(-[a-z]+)+-\d)_[A-Za-z0-9]+\b", "${1}_{{pool}}"),
        (r"(?i)(X-Amz-Signature=)[0-9a-f]+", "${1}{{signature}}"),
        (r"(?i)(X-Amz-Security-Token=)[^&\x22]+", "${1}{{token}}"),
        (r"\b\w+((/|%2F)\d{8}(/|%2F))", "{{access_key}}${1}"),
        (r"\b[0-9a-f]{64}\b", "{{hex64}}"),
    ]
    .map(|(pattern, placeholder)| (Regex::new(pattern).expect("a pattern"), placeholder))
    .into()
});

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

    /// From now on, `origin` is where a service was.
    pub fn add_origin(&mut self, taker: Taker, origin: &str) {
        self.texts.add(origin, taker.recorded_origin());
    }

    /// Notes an exchange. Returns whether it is the first of its kind.
    pub fn note(&mut self, taker: Taker, request: &Request, answer: &Answer) -> bool {
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
            .map(|(name, value)| (name, reduce(value).into()))
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
            "to": taker.name(),
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

fn reduced(text: &str) -> String {
    let mut reduced = text.to_owned();
    for (pattern, placeholder) in PATTERNS.iter() {
        reduced = pattern.replace_all(&reduced, *placeholder).into_owned();
    }
    reduced
}

/// A body with its placeholders, as it is written down.
fn body(bytes: &[u8], texts: &Texts) -> String {
    if bytes.starts_with(b"--") {
        return form(bytes, texts);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return frontend::written(bytes);
    };
    let text = match serde_json::from_str::<Value>(text) {
        Ok(mut json) if json.is_object() || json.is_array() => {
            replace_members(&mut json);
            json.to_string()
        }
        _ => text.to_owned(),
    };
    frontend::written(reduced(&texts.text(&text)).as_bytes())
}

/// A form: its fields have the placeholders of members, and a file that is no text is left out.
fn form(bytes: &[u8], texts: &Texts) -> String {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?is)(name="(policy|x-amz-signature)"\r\n\r\n)[^\r]*"#).expect("a pattern")
    });
    let Ok(text) = std::str::from_utf8(bytes) else {
        return frontend::written(bytes);
    };
    let text = FIELD.replace_all(text, |found: &regex::Captures<'_>| {
        let field = found[2].to_ascii_lowercase();
        let placeholder = MEMBERS.iter().find(|(name, _)| *name == field);
        format!("{}{}", &found[1], placeholder.map_or("", |(_, p)| p))
    });
    frontend::written(reduced(&texts.text(&text)).as_bytes())
}

fn replace_members(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(replace_members),
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let name = name.to_ascii_lowercase();
                let known = MEMBERS.iter().find(|(known, _)| *known == name);
                match known {
                    Some((_, placeholder)) if value.is_string() => *value = (*placeholder).into(),
                    _ => replace_members(value),
                }
            }
        }
        Value::String(text) if is_policy(text) => *value = "{{policy}}".into(),
        _ => {}
    }
}

fn is_policy(text: &str) -> bool {
    STANDARD
        .decode(text)
        .is_ok_and(|decoded| decoded.starts_with(b"{"))
}

/// Ids in a path, and dates in a query.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").expect("a pattern"));
static DATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d{8}(T\d{6}Z)?").expect("a pattern"));

/// What makes an exchange one of its kind: all but values.
fn kind(exchange: &Value) -> String {
    let text = |name: &str| exchange[name].as_str().unwrap_or_default();
    let names = |name: &str| {
        let members = exchange[name].as_object().into_iter().flatten();
        members
            .map(|(name, _)| name.as_str())
            .collect::<Vec<_>>()
            .join(",")
    };
    let (path, query) = text("url").split_once('?').unwrap_or((text("url"), ""));
    let (path, query) = (NUMBER.replace_all(path, "0"), DATE.replace_all(query, "0"));
    let target = exchange["headers"]["x-amz-target"].to_string();
    format!(
        "{} {} {path}?{query} {target} {} {} {} {} {}",
        text("to"),
        text("method"),
        names("headers"),
        shape(text("body")),
        exchange["status"],
        names("answer_headers"),
        shape(text("answer")),
    )
}

/// The members of JSON and their kinds; of other texts only whether they are empty.
fn shape(text: &str) -> String {
    fn of(value: &Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, value)| (name.clone(), of(value)))
                    .collect()
            }
            // One of each kind.
            Value::Array(items) => {
                let mut kinds: Vec<Value> = Vec::new();
                for kind in items.iter().map(of) {
                    if !kinds.contains(&kind) {
                        kinds.push(kind);
                    }
                }
                kinds.into()
            }
            Value::String(text) if text.is_empty() => "".into(),
            Value::String(_) => "text".into(),
            Value::Number(_) => 0.into(),
            other => other.clone(),
        }
    }
    match serde_json::from_str::<Value>(text) {
        Ok(json) => of(&json).to_string(),
        Err(_) if text.is_empty() => "empty".into(),
        Err(_) => "some".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers.iter();
        Request {
            method: method.into(),
            url: url.into(),
            headers: headers
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            body: Some(body.into()),
        }
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("server".into(), "uvicorn".into()),
            ],
            body: body.into(),
        }
    }

    #[test]
    fn one_exchange_of_each_kind_is_kept() {
        let mut recorder = Recorder::default();
        let job = |number: u8| request("GET", &format!("http://api/jobs/{number}"), &[], "");
        let with = |name: &str| answer(200, &format!(r#"{{"id":1,"job_name":"{name}"}}"#));
        assert!(recorder.note(Taker::UserApi, &job(1), &with("a")));
        assert!(!recorder.note(Taker::UserApi, &job(2), &with("b")));
        assert!(recorder.note(Taker::UserApi, &job(3), &answer(404, r#"{"detail":"x"}"#)));
        let null = answer(200, r#"{"id":1,"job_name":null}"#);
        assert!(recorder.note(Taker::UserApi, &job(3), &null));
        assert_eq!(recorder.kinds(), 3);
    }

    #[test]
    fn nothing_secret_is_written_down() {
        let mut recorder = Recorder::default();
        recorder.add_origin(Taker::UserApi, "https://api.example.org");
        recorder.add_origin(Taker::S3, "https://bucket.s3.example.org");
        let secrets = [
            "Sekret-1",
            "eyJhbGci.eyJzdWIi.c2lnbmF0dXJl",
            "opaque-refresh-token",
            "me@lab.org",
            "4812",
            "b61ef5",
            "AKIAEXAMPLE",
            "eu-central-1_AbC123",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        ];
        let said = format!(
            r#"{{"AuthParameters":{{"USERNAME":"{}","PASSWORD":"{}"}},"ConfirmationCode":"{}"}}"#,
            secrets[3], secrets[0], secrets[4]
        );
        let got = format!(
            r#"{{"AuthenticationResult":{{"IdToken":"{}","RefreshToken":"{}"}},"pool":"{}"}}"#,
            secrets[1], secrets[2], secrets[7]
        );
        let sign_in = request("POST", "https://cognito/", &[], &said);
        recorder.note(Taker::Cognito, &sign_in, &answer(200, &got));
        let bearer = format!("Bearer {}", secrets[1]);
        let ask = request(
            "GET",
            "https://api.example.org/files/config/a/url",
            &[("Authorization", &bearer), ("User-Agent", "Mozilla")],
            "",
        );
        let signed = format!(
            "https://bucket.s3.example.org/user_data/{}/a?X-Amz-Credential={}%2F20261128%2Feu&\
             X-Amz-Signature={}",
            secrets[8], secrets[6], secrets[5]
        );
        let found = answer(
            200,
            &json!({"url": signed, "email": secrets[3]}).to_string(),
        );
        recorder.note(Taker::UserApi, &ask, &found);
        let text = recorder.text().unwrap();
        for secret in secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(!text.contains("Mozilla") && !text.contains("uvicorn"));
        assert!(
            text.contains("http://localhost:5100/user_data/{{uuid}}/a"),
            "{text}"
        );
        assert!(text.contains("test@example.com"));
    }

    #[test]
    fn a_form_keeps_its_fields_and_their_order() {
        let mut recorder = Recorder::default();
        let body = "------WebKitX\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n\
                    eyJhIjoxfQ==\r\n------WebKitX\r\nContent-Disposition: form-data; \
                    name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\na\r\n\
                    ------WebKitX--\r\n";
        let headers = [("Content-Type", "multipart/form-data; boundary=----WebKitX")];
        let upload = request("POST", "http://s3/bucket", &headers, body);
        recorder.note(Taker::S3, &upload, &answer(204, ""));
        let text = recorder.text().unwrap();
        assert!(
            text.contains("{{policy}}") && text.contains("{{boundary}}"),
            "{text}"
        );
        assert!(text.contains(r#"filename=\"a.txt\""#), "{text}");
        assert!(!text.contains("WebKit"), "{text}");
    }
}
