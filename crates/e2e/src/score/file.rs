//! The score as JSON, as it is written and read.

use opencloud_stack::Fault;
use serde::{Deserialize, Serialize};

use super::{
    item::Item,
    judgement::Judgement,
    summary::{Row, Summary},
};

/// The version of the form.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// A file with a score, or with that of a share.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct File {
    pub(super) schema_version: u32,
    pub(super) files: String,
    pub(super) browser: String,
    pub(super) only: Vec<String>,
    pub(super) whole: bool,
    pub(super) partition: String,
    not_tried: Vec<NotTried>,
    full: bool,
    pub(super) faults: Vec<FileRow>,
    pub(super) disturbances: Vec<FileRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct NotTried {
    name: String,
    because: String,
}

/// A fault or a disturbance.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileRow {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) judgement: Judgement,
    pub(super) seconds: f64,
    #[serde(flatten)]
    fault: Option<AboutFault>,
}

/// What is told of faults alone.
#[derive(Debug, Serialize, Deserialize)]
struct AboutFault {
    family: String,
    about: String,
    test: String,
}

impl From<&Summary> for File {
    fn from(summary: &Summary) -> Self {
        let scope = &summary.scope;
        let not_tried = summary.not_tried.iter().map(|(name, why)| NotTried {
            name: (*name).to_owned(),
            because: why.clone(),
        });
        let rows = |faults| summary.rows_of(faults).map(FileRow::from).collect();
        Self {
            schema_version: SCHEMA_VERSION,
            files: scope.files.name().to_owned(),
            browser: scope.engine.id().to_owned(),
            only: scope.only.clone(),
            whole: scope.whole,
            partition: scope.partition.to_string(),
            not_tried: not_tried.collect(),
            full: summary.is_full(),
            faults: rows(true),
            disturbances: rows(false),
        }
    }
}

impl From<&Row> for FileRow {
    fn from(row: &Row) -> Self {
        let about = |fault: &Fault, test: String| AboutFault {
            family: fault.family().name().to_owned(),
            about: fault.about().to_owned(),
            test,
        };
        Self {
            name: row.item.name().to_owned(),
            judgement: row.judgement.clone(),
            seconds: row.took.as_secs_f64(),
            fault: match &row.item {
                Item::Fault(fault, expectation) => Some(about(fault, expectation.to_string())),
                _ => None,
            },
        }
    }
}
