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
    let mut same: Vec<_> = same.cloned().collect();
    if lacks_authorization {
        for own in &mut same {
            own.headers.remove("authorization");
        }
    }
    if same.iter().any(|own| call.differences(own).is_empty()) {
        return (Verdict::Made, Vec::new());
    }
    let nearest = same.iter().min_by_key(|own| call.distance(own));
    nearest.map_or((Verdict::NeverMade, Vec::new()), |nearest| {
        (Verdict::MadeOtherwise, call.differences(nearest))
    })
}

#[cfg(test)]
mod tests {
    use super::{super::document::Document, *};

    /// An archive of requests for directories with these queries.
    fn calls(queries: &[&str]) -> Calls {
        let entries = queries.iter().map(|query| {
            serde_json::json!({
                "request": {
                    "method": "GET",
                    "url": format!("http://a/files/data/{query}"),
                    "headers": [{ "name": "Authorization", "value": "" }],
                },
                "response": { "status": 200 },
            })
        });
        let entries: Vec<_> = entries.collect();
        let archive = serde_json::json!({ "log": { "entries": entries } });
        Calls::of(archive, &Document::recorded().unwrap()).unwrap()
    }

    #[test]
    fn a_call_is_made_only_if_one_call_of_the_suite_is_like_it_in_everything() {
        let suite = calls(&[
            "?show_dirs=True&recursive=True",
            "?show_dirs=false&recursive=true",
        ]);
        let judged = |query: &str| {
            let mut compared = compare(&[calls(&[query])], &suite);
            let one = compared.pop().unwrap();
            (one.verdict, one.differences.join("; "))
        };
        assert_eq!(
            judged("?show_dirs=false&recursive=true"),
            (Verdict::Made, String::new())
        );
        // Each half is a call of the suite's, the whole is none.
        for (query, nearest) in [
            (
                "?show_dirs=True&recursive=true",
                "?show_dirs=True&recursive=True",
            ),
            (
                "?show_dirs=FALSE&recursive=true",
                "?show_dirs=false&recursive=true",
            ),
            (
                "?recursive=true&show_dirs=false",
                "?show_dirs=false&recursive=true",
            ),
            ("", "?show_dirs=True&recursive=True"),
        ] {
            let here = if query.is_empty() { "none" } else { query };
            assert_eq!(
                judged(query),
                (
                    Verdict::MadeOtherwise,
                    format!("query: {here}; the suite: {nearest}")
                )
            );
        }
    }
}
