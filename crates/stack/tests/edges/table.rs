//! A row of the table.

use opencloud_stack::config::FileMode;

use crate::{edges::ask::Ask, support::http::Answer};

/// A request, the real answer and the stack's.
pub(crate) struct Edge {
    /// The one mode that it is about; `None` stands for both.
    pub(crate) mode: Option<FileMode>,
    pub(crate) ask: Ask,
    /// Status and body of the real answer. A body that ends in `…` goes on.
    pub(crate) real: &'static str,
    /// What is in the directory of the row's files afterwards, if that matters.
    pub(crate) left: Option<&'static str>,
    /// The stack's answer, and why it is another one.
    differs: Option<(&'static str, &'static str)>,
    /// Headers of the stack's answer.
    headers: &'static [(&'static str, &'static str)],
}

impl Edge {
    /// A row in which both answer alike.
    pub(crate) const fn new(ask: Ask, real: &'static str) -> Self {
        Self {
            mode: None,
            ask,
            real,
            left: None,
            differs: None,
            headers: &[],
        }
    }

    /// The same row in local mode alone.
    pub(crate) const fn local(mut self) -> Self {
        self.mode = Some(FileMode::Local);
        self
    }

    /// The same row in S3 mode alone.
    pub(crate) const fn s3(mut self) -> Self {
        self.mode = Some(FileMode::S3);
        self
    }

    /// What is left of the row's files: see [`crate::edges::ask::left`].
    pub(crate) const fn leaves(mut self, left: &'static str) -> Self {
        self.left = Some(left);
        self
    }

    /// The stack answers otherwise on purpose.
    pub(crate) const fn here(mut self, answer: &'static str, reason: &'static str) -> Self {
        self.differs = Some((answer, reason));
        self
    }

    /// The answer has these headers; an empty value stands for none.
    pub(crate) const fn with(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }

    pub(crate) fn is_in(&self, mode: FileMode) -> bool {
        self.mode.is_none_or(|only| only == mode)
    }

    /// How the answer is not the one of the row.
    pub(crate) fn compare(&self, answer: &Answer, left: Option<&str>) -> Option<String> {
        if let Some((here, reason)) = self.differs {
            assert!(here != self.real && !reason.is_empty(), "{}", self.ask);
        }
        let expected = self.differs.map_or(self.real, |(here, _)| here);
        let found = format!("{} {}", answer.status, answer.text());
        let same = match expected.strip_suffix('…') {
            Some(start) => found.starts_with(start),
            None => found.trim_end() == expected,
        };
        if !same {
            return Some(format!("{found:?} instead of {expected:?}"));
        }
        if left != self.left {
            return Some(format!("leaves {left:?} instead of {:?}", self.left));
        }
        let body = expected.split_once(' ').map_or("", |(_, body)| body);
        let content_type = match body {
            "Internal Server Error" => Some("text/plain; charset=utf-8"),
            json if json.starts_with("{\"") => Some("application/json"),
            _ => None,
        };
        let content_type = content_type.map(|value| ("content-type", value));
        let headers = self.headers.iter().copied().chain(content_type);
        headers.into_iter().find_map(|(name, expected)| {
            let found = answer.header(name).unwrap_or_default();
            (found != expected).then(|| format!("{name}: {found:?} instead of {expected:?}"))
        })
    }
}
