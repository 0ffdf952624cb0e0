//! The reports of made-up runs, judged by those who read them: a browser, and the programs that
//! read the formats.

mod formats;
mod github;
mod in_browser;
mod junit;
mod model;
mod size;

use opencloud_reports::model::Run;

/// One of the files that are written of `run`.
fn file(run: &Run, name: &str) -> String {
    let files = opencloud_reports::files(run).unwrap();
    let mut files = files.into_iter();
    files.find(|(file, _)| *file == name).unwrap().1
}
