//! What is secret by its kind: tokens, signatures, passwords and the like under their usual names,
//! and e-mail addresses, wherever they come from.

use memchr::memmem;
use url::Url;

/// What stands where a secret was.
pub const MASK: &str = "[redacted]";

/// Names under which secrets travel in URLs, JSON and headers, in lower case.
const NAMES: [&str; 22] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "sig",
    "policy",
    "password",
    "new_password",
    "temporary_password",
    "previouspassword",
    "proposedpassword",
    "confirmationcode",
    "confirmation_code",
    "idtoken",
    "accesstoken",
    "refreshtoken",
    "id_token",
    "access_token",
    "refresh_token",
    // Cognito's, of a token that is revoked, and of a challenge that is open.
    "token",
    "session",
    "authorization",
    "cookie",
];

/// Whether whatever stands under `name` is secret.
#[must_use]
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.contains(&&*name) || name == "set-cookie"
}

/// Fields of S3's forms and headers whose values are never secret, whatever they look like.
const OPEN_NAMES: [&str; 15] = [
    "accept",
    "acl",
    "bucket",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-type",
    "expires",
    "host",
    "key",
    "success_action_status",
    "x-amz-algorithm",
    "x-amz-date",
    "x-amz-server-side-encryption",
    "x-amz-storage-class",
];

/// Parts of the names under which secrets travel.
const PARTS_OF_NAMES: [&str; 12] = [
    "auth", "code", "cookie", "cred", "key", "pass", "policy", "pwd", "secret", "session", "sig",
    "token",
];

/// Whether `value`, which a form or a header has under `name`, may be shown: the name is known for what is not secret,
/// or speaks of nothing secret and the value consists of words and short numbers.
#[must_use]
pub fn is_plain(name: &str, value: &str) -> bool {
    const LONGEST_WORD: usize = 14;
    const LONGEST_NUMBER: usize = 5;
    let name = name.to_ascii_lowercase();
    let is_word = |word: &str| {
        let rest = word.get(1..).unwrap_or_default();
        let in_one_case = |is: fn(&u8) -> bool| rest.bytes().all(|byte| is(&byte));
        let is_written_so = word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (in_one_case(u8::is_ascii_lowercase)
                || word.bytes().all(|byte| byte.is_ascii_uppercase()));
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        is_written_so && word.len() <= LONGEST_WORD || is_number && word.len() <= LONGEST_NUMBER
    };
    let ends_word = |c: char| c.is_ascii_punctuation() || c == ' ';
    OPEN_NAMES.contains(&&*name)
        || !PARTS_OF_NAMES.iter().any(|part| name.contains(part))
            && value.split(ends_word).all(is_word)
}

/// Whether the value of a setting is secret: passwords, tokens, and requests that are signed.
#[must_use]
pub fn is_secret_setting(name: &str) -> bool {
    ["PASSWORD", "_TOKEN", "_UPLOAD"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// `text` without what is secret by its kind.
pub(super) fn without_kinds(text: &str) -> String {
    let text = without_tokens(text);
    let text = without_named(text);
    without_addresses(without_user_info(text))
}

/// `url` as it may be shown: without its user info and without the values of its query, which may be
/// signatures. What is not a URL loses all that could be either.
#[must_use]
pub fn shown_url(url: &str) -> String {
    let Ok(mut parsed) = Url::parse(url) else {
        let address = url.split('?').next().unwrap_or_default();
        return without_user_info(address.to_owned());
    };
    let names: Vec<_> = parsed
        .query_pairs()
        .map(|(name, _)| name.into_owned())
        .collect();
    let query: Vec<_> = names.iter().map(|name| format!("{name}=…")).collect();
    parsed.set_query(None);
    parsed.set_fragment(None);
    // Both fail only for URLs that can have no user info.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    format!("{parsed}{query}")
}

/// Masks what stands between `://` and the `@` before a host.
fn without_user_info(text: String) -> String {
    let mut clean = String::new();
    let mut done = 0;
    for (at, sign) in text.match_indices("://") {
        let start = at + sign.len();
        let ends = |c: char| c.is_whitespace() || "/?#\"'<>\\".contains(c);
        let end = text[start..]
            .find(ends)
            .map_or(text.len(), |end| start + end);
        if let Some(at) = text[start..end].rfind('@').filter(|_| start >= done)
            && &text[start..start + at] != MASK
        {
            clean.push_str(&text[done..start]);
            clean.push_str(MASK);
            done = start + at;
        }
    }
    if done == 0 {
        return text;
    }
    clean + &text[done..]
}

/// Masks every run of token characters that starts as each JSON Web Token does: with the Base64
/// of `{"`.
fn without_tokens(text: &str) -> String {
    const START: &str = "eyJ";
    const SHORTEST_TOKEN: usize = 20;
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = memmem::find(rest.as_bytes(), START.as_bytes()) {
        let (before, token) = rest.split_at(start);
        let end = token
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
            .unwrap_or(token.len());
        clean.push_str(before);
        clean.push_str(if end >= SHORTEST_TOKEN {
            MASK
        } else {
            &token[..end]
        });
        rest = &token[end..];
    }
    clean + rest
}

/// Masks what follows a secret's name as its value: `name=value`, `"name": "value"` (also inside a
/// JSON string), `authorization: value`.
fn without_named(text: String) -> String {
    let mut text = text;
    let mut lower = text.to_ascii_lowercase();
    for name in NAMES {
        if let Some(clean) = without_values_of(name, &text, &lower) {
            lower = clean.to_ascii_lowercase();
            text = clean;
        }
    }
    text
}

/// `text` without the values of `name`, if it has any; `lower` is the same in lower case.
fn without_values_of(name: &str, text: &str, lower: &str) -> Option<String> {
    let mut clean = String::new();
    let mut done = 0;
    for at in memmem::find_iter(lower.as_bytes(), name) {
        let inside_word = lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let after = at + name.len();
        if at < done || inside_word {
            continue;
        }
        if let Some((start, end)) = value(&text[after..], name) {
            clean.push_str(&text[done..after + start]);
            clean.push_str(MASK);
            done = after + end;
        }
    }
    (done > 0).then(|| clean + &text[done..])
}

/// Where the value stands in the text that follows a secret's name.
fn value(text: &str, name: &str) -> Option<(usize, usize)> {
    let ends_line = |c: char| matches!(c, '"' | '\\' | '\n' | '\r' | '<');
    let ends_parameter = |c: char| ends_line(c) || c.is_whitespace() || "&',;>()[]".contains(c);
    for separator in ["=", "%3D", "%3d"] {
        if let Some(value) = text.strip_prefix(separator) {
            return found(text, value, ends_parameter);
        }
    }
    if matches!(name, "authorization" | "cookie")
        && let Some(value) = text.strip_prefix(": ")
    {
        return found(text, value, ends_line);
    }
    // As a member of a JSON object, whose quotation marks may themselves stand in a JSON string.
    let quote = ["\"", "\\\""]
        .into_iter()
        .find(|quote| text.starts_with(quote))?;
    let colon = text[quote.len()..].trim_start().strip_prefix(':')?;
    let value = colon.trim_start().strip_prefix(quote)?;
    let start = text.len() - value.len();
    let end = start + value.find(quote)?;
    (end > start && &text[start..end] != MASK).then_some((start, end))
}

fn found(text: &str, value: &str, ends: impl Fn(char) -> bool) -> Option<(usize, usize)> {
    if value.starts_with(MASK) {
        return None;
    }
    let start = text.len() - value.len();
    let end = start + value.find(ends).unwrap_or(value.len());
    (end > start).then_some((start, end))
}

/// Shortens each e-mail address to its first letter and its domain.
fn without_addresses(text: String) -> String {
    ["@", "%40"].iter().fold(text, |text, sign| {
        let mut clean = String::new();
        let mut done = 0;
        for (at, _) in text.match_indices(sign) {
            let local = text[done..at]
                .rfind(|c: char| !(c.is_ascii_alphanumeric() || "._+-%".contains(c)))
                .map_or(done, |before| {
                    let after = &text[done + before..];
                    done + before + after.chars().next().map_or(0, char::len_utf8)
                });
            if local < at && is_domain(&text[at + sign.len()..]) {
                clean.push_str(&text[done..=local]);
                clean.push('…');
                done = at;
            }
        }
        if done == 0 {
            return text;
        }
        clean + &text[done..]
    })
}

/// Whether `text` starts with a domain: labels, and a last one of letters alone.
fn is_domain(text: &str) -> bool {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')))
        .unwrap_or(text.len());
    let Some((host, last)) = text[..end].trim_end_matches('.').rsplit_once('.') else {
        return false;
    };
    !host.is_empty() && last.len() > 1 && last.chars().all(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_look() {
        assert_eq!(
            without_kinds("a eyJhbGciOiJSUzI1NiJ9.eyJzdWIi.c2ln, b"),
            "a [redacted], b"
        );
        assert_eq!(without_kinds("eyJust a word"), "eyJust a word");
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for (text, cleaned) in [
            (
                "http://s3/b/k?X-Amz-Credential=AKIA%2F2026&X-Amz-Date=2026&X-Amz-Signature=1c89",
                "http://s3/b/k?X-Amz-Credential=[redacted]&X-Amz-Date=2026&X-Amz-Signature=[redacted]",
            ),
            (
                "https://a.blob.core.windows.net/c/f.zip?se=2026&sig=abc%3D&sp=r",
                "https://a.blob.core.windows.net/c/f.zip?se=2026&sig=[redacted]&sp=r",
            ),
            (
                r#"{"fields":{"policy":"abc","x-amz-signature" : "1c89","key":"data/a"}}"#,
                r#"{"fields":{"policy":"[redacted]","x-amz-signature" : "[redacted]","key":"data/a"}}"#,
            ),
            (
                r#"{"message":"answered {\"RefreshToken\":\"abc\",\"ExpiresIn\":3600}"}"#,
                r#"{"message":"answered {\"RefreshToken\":\"[redacted]\",\"ExpiresIn\":3600}"}"#,
            ),
            (
                "authorization: Bearer abc def\nhost: a",
                "authorization: [redacted]\nhost: a",
            ),
            (
                r#"Invalid according to Policy: ["eq", "$key"], no PASSWORD, SECOND_PASSWORD=1"#,
                r#"Invalid according to Policy: ["eq", "$key"], no PASSWORD, SECOND_PASSWORD=[redacted]"#,
            ),
            (
                r#"{"ConfirmationCode":"123456","NEW_PASSWORD":"a","ProposedPassword":"b"}"#,
                r#"{"ConfirmationCode":"[redacted]","NEW_PASSWORD":"[redacted]","ProposedPassword":"[redacted]"}"#,
            ),
            (
                r#"{"confirmation_code":"123456","temporary_password":"a","code":"InternalError"}"#,
                r#"{"confirmation_code":"[redacted]","temporary_password":"[redacted]","code":"InternalError"}"#,
            ),
            (
                r#"{"Session":"AYABe","Token":"abc","sessionId":"1","token_use":"id"}, no session: 1"#,
                r#"{"Session":"[redacted]","Token":"[redacted]","sessionId":"1","token_use":"id"}, no session: 1"#,
            ),
            (
                "fetching https://user:pa:ss@host/a?b=c, http://[redacted]@host",
                "fetching https://[redacted]@host/a?b=c, http://[redacted]@host",
            ),
        ] {
            assert_eq!(without_kinds(text), cleaned);
            assert_eq!(without_kinds(cleaned), cleaned);
        }
        assert!(is_secret("Authorization") && is_secret("X-Amz-Signature") && !is_secret("Host"));
        assert!(is_secret("Session") && !is_secret("sessionId"));
    }

    #[test]
    fn only_words_under_names_that_speak_of_nothing_secret_are_plain() {
        for (name, value) in [
            ("bucket", "decode-user-data-123456789012"),
            ("key", "user_data/5f910364-9d5b/${filename}"),
            ("Content-Type", "multipart/form-data"),
            ("x-amz-server-side-encryption", "AES256"),
            ("x-amz-meta-type", "data"),
            ("x-amz-meta-service", "user_api"),
            ("x-amz-meta-origin", "http://localhost:8080"),
        ] {
            assert!(is_plain(name, value), "{name}");
        }
        for (name, value) in [
            ("Authorization", "Bearer none"),
            ("policy", "data"),
            ("x-amz-signature", "abc"),
            ("AWSAccessKeyId", "words"),
            ("x-amz-security-token", "words"),
            ("x-amz-credential", "words"),
            ("password", "correct horse"),
            ("x-tenant", "1c89f0a2b3"),
            ("x-tenant", "hunter2"),
            ("x-tenant", "qWeRtYuIoP"),
            ("x-tenant", "123456"),
            ("x-tenant", "abcdefghijklmnopqrstuvwxyz"),
            ("x-tenant", "Jos\u{e9}"),
        ] {
            assert!(!is_plain(name, value), "{name}: {value}");
        }
    }

    #[test]
    fn addresses_are_shortened() {
        for (text, cleaned) in [
            ("somebody@opencloud.test cannot", "s…@opencloud.test cannot"),
            ("é<a.b+c@d-e.example.org>.", "é<a…@d-e.example.org>."),
            (
                "?email=somebody%40opencloud.test",
                "?email=s…%40opencloud.test",
            ),
            (
                "@media print, a@b, gloo@0.7.1, @",
                "@media print, a@b, gloo@0.7.1, @",
            ),
        ] {
            assert_eq!(without_kinds(text), cleaned);
            assert_eq!(without_kinds(cleaned), cleaned);
        }
    }

    #[test]
    fn a_shown_url_has_neither_user_info_nor_values() {
        for (url, shown) in [
            ("https://a/b.zip", "https://a/b.zip"),
            (
                "https://u:p@a/b.zip?X-Amz-Signature=1&sig=2#x",
                "https://a/b.zip?X-Amz-Signature=…&sig=…",
            ),
            ("not a url?sig=1", "not a url"),
        ] {
            assert_eq!(shown_url(url), shown);
        }
    }
}
