//! Which part of a request the UserAPI refuses (status 422), against what was sent: what does not arrive there as
//! it was sent is lost or changed on the way.
//!
//! The errors are Pydantic's, as `FastAPI` passes them on.

use opencloud_model::request_body::RequestBody;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

#[derive(Deserialize)]
struct Refusal {
    detail: Vec<FieldError>,
}

/// An error in a part of a request.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldError {
    /// A name of Pydantic's for what is wrong; may be empty.
    #[serde(rename = "type", default)]
    kind: String,
    /// Where it is: `body`, `query` or `path`, then names and positions.
    loc: Vec<Value>,
    /// What is wrong, in words.
    pub msg: String,
    /// What has arrived there.
    #[serde(default)]
    input: Value,
}

impl FieldError {
    /// Where it is, joined with dots, such as `body.application.version`.
    #[must_use]
    pub fn place(&self) -> String {
        joined(&self.loc)
    }
}

fn joined(parts: &[Value]) -> String {
    let names = parts.iter().map(|part| match part {
        Value::String(name) => name.clone(),
        position => position.to_string(),
    });
    names.collect::<Vec<_>>().join(".")
}

/// What a refusal shows of the way of a request to `url` with the body `sent`, for the end of a sentence; empty if
/// it shows nothing.
#[must_use]
pub fn meaning(sent: Option<&RequestBody>, url: &str, refusal: &str) -> String {
    if refusal.contains("There was an error parsing the body") && sent.is_some() {
        return "; what arrives is not the body that was sent, or not with the content-type that belongs to it \
                (UserAPI, what stands before it and changes bodies or headers)"
            .into();
    }
    let Ok(Refusal { detail }) = serde_json::from_str(refusal) else {
        return String::new();
    };
    let mut meanings = detail.iter().filter_map(|error| of_error(sent, url, error));
    meanings.next().unwrap_or_default()
}

fn of_error(sent: Option<&RequestBody>, url: &str, error: &FieldError) -> Option<String> {
    let is_missing = error.kind == "missing";
    match (error.loc.first()?.as_str()?, &error.loc[1..]) {
        ("query", [Value::String(name)]) if is_missing => {
            let url = Url::parse(url).ok()?;
            let is_sent = url.query_pairs().any(|(key, _)| key == name.as_str());
            is_sent.then(|| {
                format!(
                    "; {name} was sent in the query and does not arrive (UserAPI, what stands before it and rewrites \
                     addresses)"
                )
            })
        }
        ("body", []) if is_missing => sent.map(|_| {
            "; the body that was sent does not arrive (UserAPI, what stands before it, such as a redirect, and \
             middleware that reads bodies)"
                .into()
        }),
        ("body", path) => match sent? {
            RequestBody::Form(parts) => {
                let [Value::String(name)] = path else {
                    return None;
                };
                let is_sent = parts.iter().any(|part| part.name == *name);
                (is_missing && is_sent).then(|| {
                    format!(
                        "; {name} was sent in the form and does not arrive: the form is not read as one, or is cut \
                         (UserAPI, what stands before it and changes bodies or their content-type)"
                    )
                })
            }
            RequestBody::Json(sent) => of_json(sent, path, error),
        },
        _ => None,
    }
}

fn of_json(sent: &Value, path: &[Value], error: &FieldError) -> Option<String> {
    // FastAPI passes a body on as a text where its content-type is not that of JSON.
    let is_text = path.is_empty() && error.input.is_string() && !sent.is_string();
    if is_text {
        return Some(
            "; the JSON that was sent is not read as JSON: its content-type does not arrive, or arrives as another \
             (UserAPI, what stands before it and changes headers)"
                .into(),
        );
    }
    if error.kind == "json_invalid" {
        return Some(
            "; the JSON that was sent does not arrive whole (UserAPI, what stands before it and changes bodies)".into(),
        );
    }
    let was_sent = path.iter().try_fold(sent, |value, part| match part {
        Value::String(name) => value.get(name),
        position => value.get(usize::try_from(position.as_u64()?).ok()?),
    });
    let place = joined(path);
    let was_sent = was_sent?;
    if error.kind == "missing" {
        return Some(format!(
            "; {place} was sent and does not arrive (UserAPI, what stands before it and changes bodies)"
        ));
    }
    (*was_sent != error.input).then(|| {
        format!(
            "; {place} was sent as {was_sent} and arrives as {} (UserAPI, what stands before it and changes bodies)",
            error.input
        )
    })
}

#[cfg(test)]
mod tests {
    use opencloud_model::request_body::{FormFile, FormPart};
    use serde_json::json;

    use super::*;

    fn of_json_body(sent: &Value, error: &Value) -> String {
        let mut error = error.clone();
        error["msg"] = json!("wrong");
        let refusal = json!({ "detail": [error] }).to_string();
        meaning(
            Some(&RequestBody::Json(sent.clone())),
            "http://a/jobs",
            &refusal,
        )
    }

    #[test]
    fn what_does_not_arrive_as_it_was_sent_is_told() {
        let job =
            json!({"job_name": "a", "application": {"version": "1"}, "hardware": [{"cpu": 1}]});
        for (error, expected) in [
            (
                json!({"type": "missing", "loc": ["body"], "input": null}),
                "the body that was sent does not arrive",
            ),
            (
                json!({"type": "model_attributes_type", "loc": ["body"], "input": "{\"job_name\":\"a\"}"}),
                "is not read as JSON",
            ),
            (
                json!({"type": "json_invalid", "loc": ["body", 12], "input": {}}),
                "does not arrive whole",
            ),
            (
                json!({"type": "missing", "loc": ["body", "application", "version"], "input": {}}),
                "application.version was sent and does not arrive",
            ),
            (
                json!({"type": "int_type", "loc": ["body", "hardware", 0, "cpu"], "input": "1"}),
                "hardware.0.cpu was sent as 1 and arrives as \"1\"",
            ),
        ] {
            let meaning = of_json_body(&job, &error);
            assert!(meaning.contains(expected), "{error}: {meaning}");
        }
        // What was not sent cannot arrive, and what arrives as it was sent is refused by the UserAPI itself.
        for error in [
            json!({"type": "missing", "loc": ["body", "priority"], "input": {}}),
            json!({"type": "string_type", "loc": ["body", "job_name"], "input": "a"}),
        ] {
            assert_eq!(of_json_body(&job, &error), "");
        }
    }

    #[test]
    fn so_are_forms_and_queries() {
        let file = FormPart {
            name: "file".into(),
            file: Some(FormFile {
                name: "a".into(),
                media_type: "b/c".into(),
            }),
        };
        let form = RequestBody::Form(vec![file]);
        let missing = |loc: Value| {
            json!({"detail": [{"type": "missing", "loc": loc, "msg": "Field required", "input": null}]}).to_string()
        };
        let told = |refusal: &str| meaning(Some(&form), "http://a/files?path=b", refusal);
        assert!(
            told(&missing(json!(["body", "file"])))
                .contains("file was sent in the form and does not arrive")
        );
        assert_eq!(told(&missing(json!(["body", "other"]))), "");
        assert!(told(&missing(json!(["query", "path"]))).contains("path was sent in the query"));
        assert_eq!(told(&missing(json!(["query", "other"]))), "");
        assert!(
            told("{\"detail\":\"There was an error parsing the body\"}")
                .contains("not the body that was sent")
        );
        assert_eq!(told("a page"), "");
    }
}
