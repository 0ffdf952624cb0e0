//! The calls of an archive beside those of the suite.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{call::Call, calls::Calls};

/// A call of an archive, and whether the suite makes it.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// The call.
    pub call: Call,
    /// How often it is in the archives.
    pub count: usize,
    /// Whether the suite makes it.
    pub verdict: Verdict,
    /// In what the suite's most similar call differs.
    pub differences: Vec<String>,
}

/// Whether the suite makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It asks no service for this operation.
    NeverMade,
    /// It makes another call to the same operation.
    MadeOtherwise,
    /// It does.
    Made,
}

/// Compares each different call of `archives` with those of the suite.
pub(super) fn compare(archives: &[Calls], suite: &Calls) -> Vec<Compared> {
    let mut compared = BTreeMap::new();
    for archive in archives {
        for (call, statuses) in &archive.seen {
            let count: usize = statuses.values().sum();
            let known = compared.entry(call).or_insert_with(|| {
                let (verdict, differences) = judge(call, suite, archive.lack_authorization);
                Compared {
                    call: call.clone(),
                    count: 0,
                    verdict,
                    differences,
                }
            });
            known.count += count;
        }
    }
    let mut compared: Vec<_> = compared.into_values().collect();
    compared.sort_by_key(|one| one.verdict);
    compared
}

fn judge(call: &Call, suite: &Calls, lacks_authorization: bool) -> (Verdict, Vec<String>) {
    let same = suite
        .seen
        .keys()
        .filter(|own| own.operation == call.operation);
    let differences = same.map(|own| {
        let mut own = own.clone();
        if lacks_authorization {
            own.headers.remove("authorization");
        }
        call.differences(&own)
    });
    match differences.min_by_key(Vec::len) {
        None => (Verdict::NeverMade, Vec::new()),
        Some(none) if none.is_empty() => (Verdict::Made, none),
        Some(differences) => (Verdict::MadeOtherwise, differences),
    }
}
