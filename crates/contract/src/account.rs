//! The account in which everything is made and deleted.

use anyhow::{Context as _, ensure};
use serde_json::Value;

use crate::deployment::{Account, Deployment, Role};

/// The directories that every user has.
const DIRECTORIES: [&str; 5] = ["artifact", "config", "data", "log", "output"];

/// The accounts in which files are made and deleted: the recordings empty the root of another user.
const USED: [Role; 2] = [Role::User, Role::Other];

/// What is in the accounts that a replay empties, if they are not empty: a line an account.
///
/// # Errors
/// If the deployment does not say.
pub fn contents(deployment: &Deployment) -> anyhow::Result<Vec<String>> {
    let mut contents = Vec::new();
    for account in USED.iter().filter_map(|role| deployment.account(*role)) {
        let files = list(deployment, account, "/files/?recursive=true")?;
        let directories = DIRECTORIES.map(|name| format!("{name}/"));
        let files = files.iter().filter_map(|file| file["path"].as_str());
        let files = files.filter(|path| !directories.iter().any(|directory| directory == path));
        let files = files.count();
        let jobs = list(deployment, account, "/jobs?offset=0&limit=100")?.len();
        if files + jobs > 0 {
            contents.push(format!(
                "{} holds files or directories ({files}) and jobs ({jobs}{})",
                account.login.email,
                if jobs == 100 { " or more" } else { "" }
            ));
        }
    }
    Ok(contents)
}

/// Deletes all jobs and files of the accounts that a replay uses.
///
/// # Errors
/// If something cannot be deleted.
pub fn empty(deployment: &Deployment) -> anyhow::Result<()> {
    for account in USED.iter().filter_map(|role| deployment.account(*role)) {
        loop {
            let jobs = list(deployment, account, "/jobs?offset=0&limit=100")?;
            if jobs.is_empty() {
                break;
            }
            for job in &jobs {
                delete(deployment, account, &format!("/jobs/{}", job["id"]))?;
            }
        }
        for directory in DIRECTORIES {
            delete(deployment, account, &format!("/files/{directory}/"))?;
        }
        // Recordings leave files beside those directories.
        for file in list(deployment, account, "/files/")? {
            let path = file["path"].as_str().context("a file without a path")?;
            if !DIRECTORIES.contains(&path.trim_end_matches('/')) {
                delete(deployment, account, &format!("/files/{}", escaped(path)))?;
            }
        }
    }
    Ok(())
}

fn list(deployment: &Deployment, account: &Account, path: &str) -> anyhow::Result<Vec<Value>> {
    let answer = deployment.ask_as(account, "GET", path, None)?;
    let json = answer.json();
    let items = json.as_array();
    Ok(items
        .with_context(|| format!("GET {path} is answered with {}", answer.status))?
        .clone())
}

fn delete(deployment: &Deployment, account: &Account, path: &str) -> anyhow::Result<()> {
    let answer = deployment.ask_as(account, "DELETE", path, None)?;
    // A job may have been deleted in the meantime.
    ensure!(
        matches!(answer.status, 200..=299 | 404),
        "DELETE {path} is answered with {}",
        answer.status
    );
    Ok(())
}

/// A path as a part of a URL.
fn escaped(path: &str) -> String {
    let url = url::Url::parse("http://localhost").ok().map(|mut url| {
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.extend(path.split('/'));
        }
        url.path().trim_start_matches('/').to_owned()
    });
    url.unwrap_or_else(|| path.to_owned())
}
