//! A call, reduced to what does not change from run to run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use super::body::Body;
use crate::service::Service;

/// A call without its values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Call {
    /// The service and what it is asked for.
    pub operation: Name,
    /// The path with `…` for values; empty for Cognito and S3.
    pub path: String,
    /// The query's parameters in their order, with the values of booleans as written.
    pub query: Vec<String>,
    /// The names of headers besides those that browsers set, and the values of two of them.
    pub headers: BTreeSet<String>,
    /// The body's shape.
    pub body: Body,
}

/// A service, and what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// The service.
    pub service: Service,
    /// The method and the pattern of the path, Cognito's operation, or the kind of a request to S3.
    pub operation: String,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.operation)
    }
}

impl Call {
    /// In what a call of the suite, to the same operation, differs from this one.
    pub(super) fn differences(&self, of_suite: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let mut differs = |what: &str, here: &str, suite: &str| {
            if here != suite {
                differences.push(format!("{what}: {here}; the suite: {suite}"));
            }
        };
        differs("path", &self.path, &of_suite.path);
        differs("query", &query(&self.query), &query(&of_suite.query));
        let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| {
            let only: Vec<_> = these.difference(those).cloned().collect();
            if only.is_empty() {
                "none more".to_owned()
            } else {
                only.join(", ")
            }
        };
        let (here, suite) = (&self.headers, &of_suite.headers);
        differs("headers", &only(here, suite), &only(suite, here));
        if !self.body.is_like(&of_suite.body) {
            differences.extend(of_bodies(&self.body, &of_suite.body));
        }
        differences
    }
}

impl Call {
    /// How far a call of the suite, to the same operation, is from this one.
    pub(super) fn distance(&self, of_suite: &Self) -> usize {
        let path = usize::from(self.path != of_suite.path);
        let headers = self.headers.symmetric_difference(&of_suite.headers).count();
        let body = if self.body.is_like(&of_suite.body) {
            0
        } else {
            of_bodies(&self.body, &of_suite.body).len()
        };
        path + headers + body + between_queries(&self.query, &of_suite.query)
    }
}

/// The parameters that differ; another spelling is nearer than another value.
fn between_queries(here: &[String], suite: &[String]) -> usize {
    let distance = |one: &String| {
        if suite.contains(one) {
            0
        } else if suite.iter().any(|other| other.eq_ignore_ascii_case(one)) {
            1
        } else {
            2
        }
    };
    here.iter().map(distance).sum::<usize>() + here.len().abs_diff(suite.len())
}

fn query(parameters: &[String]) -> String {
    if parameters.is_empty() {
        return "none".into();
    }
    format!("?{}", parameters.join("&"))
}

fn of_bodies(here: &Body, suite: &Body) -> Vec<String> {
    let (Body::Json(here), Body::Json(suite)) = (here, suite) else {
        return vec![format!("body: {here}; the suite: {suite}")];
    };
    let names: BTreeSet<_> = here.keys().chain(suite.keys()).collect();
    let none = "no such member".to_owned();
    let kinds = names.into_iter().map(|name| {
        let kind = |members: &BTreeMap<String, String>| members.get(name).unwrap_or(&none).clone();
        (name, kind(here), kind(suite))
    });
    let differing = kinds.filter(|(_, here, suite)| here != suite);
    differing
        .map(|(name, here, suite)| format!("body, {name}: {here}; the suite: {suite}"))
        .collect()
}
