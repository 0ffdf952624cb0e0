//! The placeholders of what changes from run to run, and of all that is secret.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use regex::Regex;
use serde_json::Value;

use crate::{
    recording::frontend,
    reduction::{Patterns, patterns, replaced},
    texts::Texts,
};

/// Members of JSON, in lower case, whose values have a placeholder.
const MEMBERS: [(&str, &str); 19] = [
    ("password", "{{password}}"),
    ("previouspassword", "{{password}}"),
    ("proposedpassword", "{{password}}"),
    ("new_password", "{{password}}"),
    ("temporary_password", "{{password}}"),
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
    ("x-amz-security-token", "{{token}}"),
    ("confirmationcode", "123456"),
    ("confirmation_code", "123456"),
];

/// Patterns in any text, and their placeholders.
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    patterns(&[
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
    ])
});

/// A text with its placeholders.
pub(super) fn reduced(text: &str) -> String {
    replaced(text, &PATTERNS)
}

/// A body with its placeholders, as it is written down.
pub(super) fn body(bytes: &[u8], texts: &Texts) -> String {
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

/// A form: its fields have the placeholders of members, and a file that is not a text is left out.
fn form(bytes: &[u8], texts: &Texts) -> String {
    static FIELD: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?is)(name="(policy|x-amz-signature|x-amz-security-token)"\r\n\r\n)[^\r]*"#)
            .expect("a pattern")
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
