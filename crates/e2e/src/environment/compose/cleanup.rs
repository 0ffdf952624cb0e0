//! `cargo e2e docker-cleanup`: removes what this project has left with Docker, and nothing else.

use std::{collections::BTreeSet, process::ExitCode, time::Duration};

use opencloud_browser::process::{Failure, print};

use super::{
    docker::Docker,
    down::{DOWN_LIMIT, take_down},
    service::SERVICES,
};

const LIMIT: Duration = Duration::from_secs(60);

/// The label that docker-compose.yaml gives the images.
const LABEL: &str = "label=opencloud.integration-tests";

/// Removes the services' containers and those of their jobs, their images, and the untagged ones
/// that later builds have left of them. Says what it freed.
pub(crate) fn clean_up() -> Result<ExitCode, Failure> {
    let docker = Docker::find(None)?;
    docker.judge()?;
    let mut containers = docker.containers()?.len();
    containers += take_down(&docker)?;

    // Those of the services by their names: an image may have other names, which others have given.
    let mut names = Vec::new();
    let mut images = BTreeSet::new();
    for service in &SERVICES {
        let name = format!("{}:integration-tests", service.name);
        let found = ids(&docker, &[&name])?;
        names.extend((!found.is_empty()).then_some(name));
        images.extend(found);
    }
    let dangling = ids(&docker, &["--filter", "dangling=true", "--filter", LABEL])?;
    names.extend(dangling.iter().cloned());
    images.extend(dangling);
    let mut bytes = 0;
    for image in &images {
        let told = docker.expect(&["image", "inspect", "--format", "{{.Size}}", image], LIMIT)?;
        bytes += told.trim().parse::<u64>().unwrap_or_default();
    }
    if !names.is_empty() {
        let names = names.iter().map(String::as_str);
        let args: Vec<_> = ["image", "rm", "--force"]
            .into_iter()
            .chain(names)
            .collect();
        docker.expect(&args, DOWN_LIMIT)?;
    }
    print::out(freed(containers, images.len(), bytes));
    Ok(ExitCode::SUCCESS)
}

fn ids(docker: &Docker, which: &[&str]) -> Result<Vec<String>, Failure> {
    let args = [&["image", "ls", "--quiet", "--no-trunc"], which].concat();
    let told = docker.expect(&args, LIMIT)?;
    Ok(told.split_whitespace().map(ToOwned::to_owned).collect())
}

fn freed(containers: usize, images: usize, bytes: u64) -> String {
    if containers == 0 && images == 0 {
        return "nothing of this project is left with Docker".into();
    }
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    // Each image counts in full, though some share the layers that they are built on.
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let gigabytes = bytes as f64 / 1e9;
    format!(
        "removed {} and {} (up to {gigabytes:.1} GB)",
        count(containers, "container"),
        count(images, "image")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_freed_is_said() {
        assert_eq!(
            freed(0, 0, 0),
            "nothing of this project is left with Docker"
        );
        assert_eq!(
            freed(1, 4, 2_340_000_000),
            "removed 1 container and 4 images (up to 2.3 GB)"
        );
    }
}
