//! What changes from run to run, and the placeholders that stand for it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::texts::policy;

/// How much of a body is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduction {
    /// All but dates and signatures.
    Letters,
    /// All but those, and how far jobs have come: something runs them.
    LettersButStates,
    /// Tokens, ids and policies have placeholders as well.
    Placeholders,
    /// Names and kinds of members alone.
    Shape,
}

type Patterns = Vec<(Regex, &'static str)>;

fn patterns(of: &[(&str, &'static str)]) -> Patterns {
    let compiled = of.iter();
    compiled
        .map(|(pattern, placeholder)| (Regex::new(pattern).expect("a pattern"), *placeholder))
        .collect()
}

static ALWAYS: LazyLock<Patterns> = LazyLock::new(|| {
    patterns(&[
        // What S3's refusals tell besides code and message.
        (
            "<(RequestId|HostId|AWSAccessKeyId|SignatureProvided|StringToSign|StringToSignBytes\
             |CanonicalRequest|CanonicalRequestBytes)(/>|>[^<]*</[A-Za-z]+>)",
            "",
        ),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\b", "<date>"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<expiry>"),
        (r"\b\d{8}T\d{6}Z", "<amz date>"),
        (
            r"(\{\{access_key\}\}|\b\w+)(/|%2F)\d{8}(/|%2F)",
            "<access key and day>",
        ),
        (r"\b[0-9a-f]{64}\b|\{\{signature\}\}", "<signature>"),
    ])
});

static STATES: LazyLock<Patterns> = LazyLock::new(|| {
    patterns(&[
        (
            r#""status":"(queued|pulled|preprocessing|running|postprocessing|finished|error)""#,
            r#""status":"<state>""#,
        ),
        (
            r#""date_(started|finished)":(null|"<date>")"#,
            r#""date_$1":"<date or null>""#,
        ),
        (
            r#""runtime_details":(null|"([^"\\]|\\.)*")"#,
            r#""runtime_details":"<text or null>""#,
        ),
    ])
});

/// The number of a job, which depends on all that were created before.
static NUMBERS: LazyLock<Patterns> = LazyLock::new(|| {
    patterns(&[(
        r#""id":\d+,"date_created""#,
        r#""id":"<number>","date_created""#,
    )])
});

static IDS: LazyLock<Patterns> = LazyLock::new(|| {
    patterns(&[
        (r"\beyJ[\w-]+\.[\w-]+\.[\w-]+", "{{token}}"),
        (r"\b\w\*\*\*@\w\*\*\*", "{{masked address}}"),
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "{{uuid}}",
        ),
    ])
});

impl Reduction {
    /// A text without what changes.
    pub(crate) fn text(self, text: &str) -> String {
        let mut reduced = text.to_owned();
        let mut replace = |patterns: &Patterns| {
            for (pattern, placeholder) in patterns {
                reduced = pattern.replace_all(&reduced, *placeholder).into_owned();
            }
        };
        replace(&ALWAYS);
        match self {
            Self::Letters | Self::Shape => {}
            Self::LettersButStates => replace(&STATES),
            Self::Placeholders => {
                replace(&IDS);
                replace(&STATES);
                replace(&NUMBERS);
            }
        }
        reduced
    }

    /// JSON without what changes. The order of members is kept, for that counts.
    pub(crate) fn json(self, value: &Value) -> Value {
        let reduced = match self {
            Self::Shape => shape(value),
            Self::Placeholders => policies(value, &|_| "{{policy}}".into()),
            Self::Letters | Self::LettersButStates => policies(value, &|policy| policy),
        };
        let text = self.text(&reduced.to_string());
        serde_json::from_str(&text).unwrap_or(reduced)
    }
}

/// A text with placeholders for tokens and ids.
pub(crate) fn with_placeholders(text: &str) -> String {
    let mut reduced = text.to_owned();
    for (pattern, placeholder) in IDS.iter() {
        reduced = pattern.replace_all(&reduced, *placeholder).into_owned();
    }
    reduced
}

/// Puts `instead` of each POST policy.
fn policies(value: &Value, instead: &dyn Fn(Value) -> Value) -> Value {
    match value {
        Value::String(text) => policy(text).map_or_else(|| value.clone(), instead),
        Value::Array(items) => items.iter().map(|item| policies(item, instead)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| (key.clone(), policies(value, instead)))
                .collect()
        }
        other => other.clone(),
    }
}

/// The value with every text and number emptied.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| (key.clone(), shape(value)))
                .collect()
        }
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(_) => "".into(),
        Value::Number(_) => 0.into(),
        other => other.clone(),
    }
}
