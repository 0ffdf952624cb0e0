//! The operations that an `OpenAPI` document describes.

use std::collections::BTreeSet;

use anyhow::Context as _;
use regex::Regex;
use serde_json::Value;

/// The UserAPI's own description, as it was recorded.
const RECORDED: &str = include_str!("../../recordings/golden/openapi_userapi.json");

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// A document.
#[derive(Debug)]
pub struct Document {
    pub(super) operations: Vec<Operation>,
}

/// An operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: String,
    /// With parameters in braces.
    pub(super) path: String,
    pattern: Regex,
    pub(super) statuses: BTreeSet<u16>,
    /// The names of the query's parameters.
    pub(super) query: BTreeSet<String>,
    /// The paths of the body's members.
    pub(super) members: BTreeSet<String>,
}

/// How the document describes a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The path with its parameters in braces, or as it is where the document has none like it.
    pub(super) pattern: String,
    /// The path with `…` for the values of parameters. Their empty segments stay.
    pub(super) form: String,
}

impl Document {
    /// The recorded one.
    ///
    /// # Errors
    /// If it is none.
    pub fn recorded() -> anyhow::Result<Self> {
        Self::read(RECORDED)
    }

    /// Reads a document.
    ///
    /// # Errors
    /// If the text is no `OpenAPI` document.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let document: Value = serde_json::from_str(text)?;
        let paths = document["paths"].as_object().context("it has no paths")?;
        let mut operations = Vec::new();
        for (path, methods) in paths {
            for (method, described) in methods.as_object().into_iter().flatten() {
                if METHODS.contains(&&**method) {
                    operations.push(operation(&document, path, method, described)?);
                }
            }
        }
        Ok(Self { operations })
    }

    /// Where a path belongs: to an operation of this method, or else to one of another method.
    pub(super) fn place(&self, method: &str, path: &str) -> Place {
        let fits = |operation: &&Operation| operation.pattern.is_match(path);
        let own = self.operations.iter().filter(|o| o.method == method);
        let found = own
            .clone()
            .find(fits)
            .or_else(|| self.operations.iter().find(fits));
        found.map_or_else(
            || Place {
                pattern: path.to_owned(),
                form: path.to_owned(),
            },
            |operation| Place {
                pattern: operation.path.clone(),
                form: operation.form(path),
            },
        )
    }
}

impl Operation {
    fn form(&self, path: &str) -> String {
        let Some(values) = self.pattern.captures(path) else {
            return path.to_owned();
        };
        let mut form = String::new();
        let mut done = 0;
        for value in values.iter().skip(1).flatten() {
            form += &path[done..value.start()];
            form += &outline(value.as_str());
            done = value.end();
        }
        form + &path[done..]
    }
}

/// `…` in the place of segments; slashes at an end and doubled ones stay.
fn outline(value: &str) -> String {
    let mut outline = String::new();
    let mut segments = value.split('/').peekable();
    while let Some(segment) = segments.next() {
        if !segment.is_empty() && !outline.ends_with('…') {
            outline.push('…');
        }
        let next_is_part = segments.peek().is_some_and(|next| !next.is_empty());
        if segments.peek().is_some() && (segment.is_empty() || !next_is_part) {
            outline.push('/');
        }
    }
    outline
}

fn operation(
    document: &Value,
    path: &str,
    method: &str,
    described: &Value,
) -> anyhow::Result<Operation> {
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let parameters: Vec<_> = parameters.map(|one| resolved(document, one)).collect();
    let is_text = |name: &str| {
        let mut named = parameters.iter().filter(|one| one["name"] == *name);
        named.any(|one| one["in"] == "path" && one["schema"]["type"] == "string")
    };
    let query = parameters.iter().filter(|one| one["in"] == "query");
    let query = query.filter_map(|one| one["name"].as_str().map(str::to_owned));
    let statuses = described["responses"].as_object().into_iter().flatten();
    let mut members = BTreeSet::new();
    let content = described["requestBody"]["content"].as_object();
    for media_type in content.into_iter().flatten().map(|(_, value)| value) {
        collect(document, "", &media_type["schema"], &mut members);
    }
    Ok(Operation {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        pattern: pattern(path, &is_text)?,
        statuses: statuses
            .filter_map(|(status, _)| status.parse().ok())
            .collect(),
        query: query.collect(),
        members,
    })
}

/// A document does not say which parameters hold a slash. A text may be a path; a number or one of a list
/// is a segment.
fn pattern(path: &str, is_text: &dyn Fn(&str) -> bool) -> anyhow::Result<Regex> {
    let mut pattern = String::from("^");
    let mut rest = path;
    while let Some((before, (name, after))) = rest
        .split_once('{')
        .and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        pattern += &regex::escape(before);
        pattern += if is_text(name) { "(.*)" } else { "([^/]+)" };
        rest = after;
    }
    pattern += &regex::escape(rest);
    Ok(Regex::new(&(pattern + "$"))?)
}

fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let pointer = value["$ref"].as_str().and_then(|to| to.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(value)
}

/// The paths of all members of a schema that hold no others.
fn collect(document: &Value, path: &str, schema: &Value, members: &mut BTreeSet<String>) {
    let schema = resolved(document, schema);
    let variants = ["allOf", "anyOf", "oneOf"].iter();
    for variant in variants.flat_map(|key| schema[*key].as_array().into_iter().flatten()) {
        collect(document, path, variant, members);
    }
    let properties = schema["properties"].as_object();
    // A variant may be null where another has members.
    let has_members = || {
        let mut members = members.iter();
        members.any(|one| one.starts_with(&format!("{path}.")))
    };
    let Some(properties) = properties else {
        if !path.is_empty() && !has_members() {
            members.insert(path.to_owned());
        }
        return;
    };
    members.remove(path);
    for (name, property) in properties {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{name}");
        // A schema that holds itself has no end.
        if path.split('.').count() < 8 {
            collect(document, &path, property, members);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_keeps_its_empty_segments() {
        let document = Document::recorded().unwrap();
        for (method, path, pattern, form) in [
            ("GET", "/files/config/a/", "/files/{base_path}", "/files/…/"),
            ("GET", "/files//", "/files/{base_path}", "/files//"),
            (
                "GET",
                "/files/a/b/url",
                "/files/{file_path}/url",
                "/files/…/url",
            ),
            ("PUT", "/files/a//b", "/files/{file_path}", "/files/…//…"),
            (
                "POST",
                "/files/config//url",
                "/files/{f_type}/{base_path}/url",
                "/files/…//url",
            ),
            (
                "POST",
                "/files/config/a/b/url",
                "/files/{f_type}/{base_path}/url",
                "/files/…/…/url",
            ),
            (
                "POST",
                "/files/config/a//url",
                "/files/{f_type}/{base_path}/url",
                "/files/…/…//url",
            ),
            // No operation of this method.
            ("POST", "/files/new/", "/files/{base_path}", "/files/…/"),
            (
                "POST",
                "/files//url",
                "/files/{file_path}/url",
                "/files//url",
            ),
            (
                "GET",
                "/jobs/applications",
                "/jobs/applications",
                "/jobs/applications",
            ),
            ("GET", "/jobs/1", "/jobs/{job_id}", "/jobs/…"),
            ("GET", "/jobs/1/2", "/jobs/1/2", "/jobs/1/2"),
        ] {
            let place = document.place(method, path);
            assert_eq!(
                (&*place.pattern, &*place.form),
                (pattern, form),
                "{method} {path}"
            );
        }
    }

    #[test]
    fn members_are_found_behind_references() {
        let document = Document::recorded().unwrap();
        let mut operations = document.operations.iter();
        let create = operations
            .find(|o| o.method == "POST" && o.path == "/jobs")
            .unwrap();
        for member in [
            "job_name",
            "application.version",
            "attributes.files_down.data_ids",
        ] {
            assert!(create.members.contains(member), "{:?}", create.members);
        }
        assert!(!create.members.contains("hardware"), "{:?}", create.members);
        assert!(Document::read("{}").is_err());
    }
}
