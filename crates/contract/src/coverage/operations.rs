//! Which operations of the UserAPI were called, and with what.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{call::Name, calls::Calls, document::Document};
use crate::service::Service;

/// The operations that no page calls, and why.
const NOT_FOR_PAGES: [(&str, &str); 5] = [
    ("POST /user", "the frontend registers users with Cognito"),
    ("POST /token", "the frontend signs in with Cognito"),
    ("POST /login", "the frontend signs in with Cognito"),
    (
        "PUT /_job_status",
        "the WorkerAPI reports a job's status, with a key that no page has",
    ),
    ("GET /", "the greeting of the service, which no page shows"),
];

/// The operations that pages call only where files are on the UserAPI's disk.
const FOR_FILES_ON_DISK: [&str; 2] = [
    "POST /files/{f_type}/{base_path}/upload",
    "GET /files/{file_path}/download",
];

/// An operation of the UserAPI.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Its method and the pattern of its path.
    pub name: String,
    /// How often it was called.
    pub calls: usize,
    /// Why pages do not call it, if they do not.
    pub not_for_pages: Option<&'static str>,
    /// The statuses of the answers and how often each came; 0: no status is known.
    pub statuses: BTreeMap<u16, usize>,
    /// The documented statuses that did not come.
    pub statuses_not_seen: Vec<u16>,
    /// The documented parameters of the query that were sent.
    pub query_seen: Vec<String>,
    /// The documented parameters of the query that were not sent.
    pub query_not_seen: Vec<String>,
    /// The documented members of the body that were sent.
    pub members_seen: Vec<String>,
    /// The documented members of the body that were not sent.
    pub members_not_seen: Vec<String>,
}

/// Anything else that a service was asked for.
#[derive(Debug, Serialize)]
pub struct Other {
    /// The service and the operation.
    pub name: String,
    /// How often.
    pub calls: usize,
    /// The statuses of the answers and how often each came; 0: no status is known.
    pub statuses: BTreeMap<u16, usize>,
}

impl Operation {
    /// Whether pages should call it, and none did.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.calls == 0 && self.not_for_pages.is_none()
    }
}

/// The documented operations, in the document's order.
pub(super) fn of_document(document: &Document, calls: &Calls) -> Vec<Operation> {
    let mut names = calls.seen.keys().map(|call| &call.operation);
    let files_in_s3 = names.any(|name| name.service == Service::S3);
    let operations = document.operations.iter().map(|documented| {
        let name = format!("{} {}", documented.method, documented.path);
        let mut query = BTreeSet::new();
        let mut members = BTreeSet::new();
        let mut statuses = BTreeMap::new();
        let own = calls.seen.iter().filter(|(call, _)| {
            call.operation.service == Service::UserApi && call.operation.operation == name
        });
        for (call, seen) in own {
            let names = call.query.iter().map(|one| one.split('=').next());
            query.extend(names.flatten().map(str::to_owned));
            members.extend(call.body.members());
            add(&mut statuses, seen);
        }
        let seen = documented.statuses.iter();
        Operation {
            calls: statuses.values().sum(),
            not_for_pages: not_for_pages(&name, files_in_s3),
            statuses_not_seen: seen
                .filter(|one| !statuses.contains_key(one))
                .copied()
                .collect(),
            statuses,
            query_seen: documented.query.intersection(&query).cloned().collect(),
            query_not_seen: documented.query.difference(&query).cloned().collect(),
            members_seen: is_sent(&documented.members, &members, true),
            members_not_seen: is_sent(&documented.members, &members, false),
            name,
        }
    });
    operations.collect()
}

/// Why pages do not call this operation, if they do not.
fn not_for_pages(name: &str, files_in_s3: bool) -> Option<&'static str> {
    let mut table = NOT_FOR_PAGES.iter();
    let why = table.find(|(operation, _)| *operation == name);
    let why = why.map(|(_, why)| *why);
    let of_disk = files_in_s3 && FOR_FILES_ON_DISK.contains(&name);
    why.or(of_disk.then_some("files are in S3, so pages transfer them there"))
}

/// The documented members that were sent, or those that were not. A member whose own members are free
/// is sent with any of them.
fn is_sent(documented: &BTreeSet<String>, sent: &BTreeSet<String>, wanted: bool) -> Vec<String> {
    let is_sent = |member: &String| {
        let below = format!("{member}.");
        sent.iter()
            .any(|one| one == member || one.starts_with(&below))
    };
    let members = documented.iter().filter(|member| is_sent(member) == wanted);
    members.cloned().collect()
}

/// What the document does not describe: requests to Cognito and S3, and other requests to the UserAPI.
pub(super) fn others(document: &Document, calls: &Calls) -> Vec<Other> {
    let is_documented = |name: &Name| {
        let mut documented = document.operations.iter();
        name.service == Service::UserApi
            && documented.any(|one| name.operation == format!("{} {}", one.method, one.path))
    };
    let mut others: BTreeMap<&Name, BTreeMap<u16, usize>> = BTreeMap::new();
    for (call, seen) in &calls.seen {
        if !is_documented(&call.operation) {
            add(others.entry(&call.operation).or_default(), seen);
        }
    }
    let others = others.into_iter().map(|(name, statuses)| Other {
        name: name.to_string(),
        calls: statuses.values().sum(),
        statuses,
    });
    others.collect()
}

fn add(statuses: &mut BTreeMap<u16, usize>, seen: &BTreeMap<u16, usize>) {
    for (status, count) in seen {
        *statuses.entry(*status).or_default() += count;
    }
}
