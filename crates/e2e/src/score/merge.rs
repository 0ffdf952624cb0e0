//! One score of the shares that several machines have measured.

use std::{fmt, fs, iter, path::Path, time::Duration};

use clap::ValueEnum;
use opencloud_browser::process::Failure;
use opencloud_stack::config::FileMode;

use super::{
    expectations::Expectations,
    file::{File, FileRow, SCHEMA_VERSION},
    partition::Partition,
    scope::Scope,
    summary::{Row, Summary},
};
use crate::engines;

/// A share, and the file that holds it.
struct Share<'a> {
    path: &'a Path,
    scope: Scope,
    rows: Vec<FileRow>,
}

/// The scores of all shares in the files at `paths`: one for each browser and file mode, in the order of the
/// files. A share that is missing, there twice, or of another score is bad input.
pub(crate) fn merge(
    paths: &[impl AsRef<Path>],
    expectations: Option<&Path>,
) -> Result<Vec<Summary>, Failure> {
    let mut scores: Vec<Vec<Share<'_>>> = Vec::new();
    for path in paths {
        let share = read(path.as_ref())?;
        let is_same = |other: &Vec<Share<'_>>| other[0].is_beside(&share);
        match scores.iter_mut().find(|other| is_same(other)) {
            Some(others) => others.push(share),
            None => scores.push(vec![share]),
        }
    }
    let scores = scores.into_iter();
    scores
        .map(|shares| one(shares, Expectations::read(expectations)?))
        .collect()
}

fn wrong(path: &Path, what: impl fmt::Display) -> Failure {
    Failure::Input(format!("{} cannot be merged: {what}", path.display()))
}

fn read(path: &Path) -> Result<Share<'_>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| wrong(path, error))?;
    let not_a_score = |why: &dyn fmt::Display| {
        let what = "it is not the score of a share, as `cargo e2e faults --partition` writes it";
        wrong(path, format_args!("{what}: {why}"))
    };
    let file: File = serde_json::from_str(&text).map_err(|error| not_a_score(&error))?;
    if file.schema_version != SCHEMA_VERSION {
        let version = file.schema_version;
        let why = format_args!("its schema_version is {version}, not {SCHEMA_VERSION}");
        return Err(not_a_score(&why));
    }
    let files = FileMode::from_str(&file.files, true).map_err(|why| not_a_score(&why))?;
    let partition: Partition = file
        .partition
        .parse()
        .map_err(|why: String| not_a_score(&why))?;
    let [engine] = engines::chosen(&file.browser).map_err(|why| not_a_score(&why))?[..] else {
        return Err(not_a_score(&"it is not that of one browser"));
    };
    let (only, whole) = (file.only, file.whole);
    Ok(Share {
        path,
        scope: Scope {
            engine,
            files,
            only,
            whole,
            partition,
        },
        rows: file.faults.into_iter().chain(file.disturbances).collect(),
    })
}

impl Share<'_> {
    /// Whether both are of one browser and one file mode.
    fn is_beside(&self, other: &Self) -> bool {
        (self.scope.engine.id(), self.scope.files) == (other.scope.engine.id(), other.scope.files)
    }

    /// What they must have in common as shares of one score.
    fn is_of_same_score(&self, other: &Self) -> bool {
        let of = |share: &Self| share.scope.partition.first();
        (&self.scope.only, self.scope.whole, of(self))
            == (&other.scope.only, other.scope.whole, of(other))
    }
}

fn one(shares: Vec<Share<'_>>, expectations: Expectations) -> Result<Summary, Failure> {
    let first = &shares[0];
    if let Some(other) = shares.iter().find(|share| !share.is_of_same_score(first)) {
        let what = format_args!(
            "it is not a share of the same score as {}: --only, --whole and the number of shares must be \
             the same",
            first.path.display()
        );
        return Err(wrong(other.path, what));
    }
    for partition in iter::successors(Some(first.scope.partition.first()), |share| share.next()) {
        let mut of_it = shares
            .iter()
            .filter(|share| share.scope.partition == partition);
        let found = of_it.next();
        if let (Some(found), Some(again)) = (found, of_it.next()) {
            let what = format_args!("{} is share {partition} too", found.path.display());
            return Err(wrong(again.path, what));
        }
        if found.is_none() {
            return Err(Failure::Input(format!(
                "share {partition} of {}, files {}, is missing",
                first.scope.engine.name(),
                first.scope.files.place()
            )));
        }
    }
    let scope = Scope {
        partition: Partition::WHOLE,
        ..first.scope.clone()
    };
    let items = scope.items(&expectations.in_engine(scope.engine)?)?;
    let path = first.path;
    let mut rows: Vec<_> = shares.into_iter().flat_map(|share| share.rows).collect();
    let of_another_version = |name: &str, what: &str| {
        let what = format_args!("{name} is {what}: the shares are of another version");
        wrong(path, what)
    };
    let mut merged = Vec::new();
    for item in items.tried {
        let Some(at) = rows.iter().position(|row| row.name == item.name()) else {
            return Err(of_another_version(item.name(), "in no share"));
        };
        let row = rows.swap_remove(at);
        merged.push(Row {
            item,
            judgement: row.judgement,
            took: Duration::try_from_secs_f64(row.seconds).unwrap_or_default(),
        });
    }
    if let Some(row) = rows.first() {
        return Err(of_another_version(&row.name, "no fault and no disturbance"));
    }
    Ok(Summary {
        scope,
        rows: merged,
        not_tried: items.not_tried,
    })
}
