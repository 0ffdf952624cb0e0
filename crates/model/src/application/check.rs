//! Tries the application files before anything starts.

use std::{fs, path::Path};

use super::{error::ApplicationError, file::Application, yaml::EditError};

/// Reads every application file in `directory` with its inputs and tries on them all that it asks of
/// them, so that an error ends the run before anything starts. Sorted by name.
pub fn check_all(directory: &Path) -> Result<Vec<(String, Application)>, ApplicationError> {
    let read_error = |path: &Path, source| ApplicationError::Read {
        path: path.display().to_string(),
        source,
    };
    let mut files: Vec<_> = fs::read_dir(directory)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| read_error(directory, source))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    files.sort();

    let mut applications = Vec::new();
    for path in files {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&path).map_err(|source| read_error(&path, source))?;
        let application = Application::parse(&name, &text)?;
        for input in &application.inputs {
            let path = directory.join(&name).join(&input.file);
            let bytes = fs::read(&path).map_err(|source| read_error(&path, source))?;
            if !application.reads(input) {
                continue;
            }
            let edit_error = |source| ApplicationError::Edit {
                name: name.clone(),
                file: input.file.clone(),
                source,
            };
            let text = String::from_utf8(bytes).map_err(|_| edit_error(EditError::NotText))?;
            application.check_edits(input, &text).map_err(edit_error)?;
        }
        applications.push((name, application));
    }
    check_chains(&applications)?;
    Ok(applications)
}

/// Fails if a file comes after one that does not exist, or if files come after one another in a circle.
fn check_chains(files: &[(String, Application)]) -> Result<(), ApplicationError> {
    for (name, _) in files {
        let mut way = vec![name.as_str()];
        loop {
            let last = way[way.len() - 1];
            let Some(before) = before(last, files) else {
                break;
            };
            let problem = if files.iter().all(|(name, _)| name != before) {
                format!("after: there is no file tests/applications/{before}.yaml")
            } else if way.contains(&before) {
                let way = way.join(" after ");
                format!("after: a circle of applications, {way} after {before}")
            } else {
                way.push(before);
                continue;
            };
            return Err(ApplicationError::Meaning {
                name: last.into(),
                problem,
            });
        }
    }
    Ok(())
}

fn before<'a>(name: &str, files: &'a [(String, Application)]) -> Option<&'a str> {
    let file = files.iter().find(|(other, _)| other == name);
    file.and_then(|(_, application)| application.after.as_deref())
}
