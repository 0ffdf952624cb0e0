//! What changes from run to run, and the placeholders that stand for it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::texts::{leaves, policy};

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

/// Patterns, and what stands for each.
pub(crate) type Patterns = Vec<(Regex, &'static str)>;

pub(crate) fn patterns(of: &[(&str, &'static str)]) -> Patterns {
    let compiled = of.iter();
    compiled
        .map(|(pattern, placeholder)| (Regex::new(pattern).expect("a pattern"), *placeholder))
        .collect()
}

/// A text with what stands for each of the patterns.
pub(crate) fn replaced(text: &str, patterns: &Patterns) -> String {
    let mut replaced = text.to_owned();
    for (pattern, placeholder) in patterns {
        replaced = pattern.replace_all(&replaced, *placeholder).into_owned();
    }
    replaced
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
        let mut reduced = replaced(text, &ALWAYS);
        let mut replace = |patterns| reduced = replaced(&reduced, patterns);
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
            Self::Shape => leaves(value, &emptied),
            Self::Placeholders => policies(value, &|_| "{{policy}}".into()),
            Self::Letters | Self::LettersButStates => policies(value, &|policy| policy),
        };
        let text = self.text(&reduced.to_string());
        serde_json::from_str(&text).unwrap_or(reduced)
    }
}

/// A text with placeholders for tokens and ids.
pub(crate) fn with_placeholders(text: &str) -> String {
    replaced(text, &IDS)
}

/// Puts `instead` of each POST policy.
fn policies(value: &Value, instead: &dyn Fn(Value) -> Value) -> Value {
    leaves(value, &|leaf| {
        let policy = leaf.as_str().and_then(policy);
        policy.map_or_else(|| leaf.clone(), instead)
    })
}

/// What stands for a text or a number of any value.
fn emptied(leaf: &Value) -> Value {
    match leaf {
        Value::String(_) => "".into(),
        Value::Number(_) => 0.into(),
        other => other.clone(),
    }
}
