//! `cargo e2e docker-cleanup`: removes what this project has left with Docker, and nothing else.

use std::{collections::BTreeSet, process::ExitCode, time::Duration};

use opencloud_browser::process::{Failure, print};

use super::{
    docker::Docker,
    down::{DOWN_LIMIT, take_down},
    lock::Lock,
    service::SERVICES,
};

const LIMIT: Duration = Duration::from_secs(120);

/// The label that docker-compose.yaml gives the images.
const LABEL: &str = "label=opencloud.integration-tests";

/// How much of its disk the engine uses, in bytes.
#[derive(Debug, Default, PartialEq)]
struct DiskUse {
    all: f64,
    /// The cache of builds, without the layers that images use too.
    cache: f64,
}

/// Removes the containers of the services and of jobs, the services' images, and the untagged images
/// of earlier builds. Prints how much that freed.
pub(crate) fn clean_up() -> Result<ExitCode, Failure> {
    let docker = Docker::find(None)?;
    let _lock = Lock::take(&docker.check()?)?;
    let before = disk_use(&docker)?;
    let mut containers = docker.containers()?.len();
    containers += take_down(&docker)?;

    // Images of the services are removed by name: an image may have other names, given by others.
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
    if !names.is_empty() {
        let names = names.iter().map(String::as_str);
        let args: Vec<_> = ["image", "rm", "--force"]
            .into_iter()
            .chain(names)
            .collect();
        docker.expect(&args, DOWN_LIMIT)?;
    }
    let left = ids(&docker, &[])?;
    let kept = images.iter().filter(|image| left.contains(image)).count();
    let after = disk_use(&docker)?;
    if containers == 0 && images.is_empty() {
        print::out("nothing of this project is left with Docker");
    } else {
        print::out(format_args!(
            "removed with Docker: containers: {containers}, images: {}, images that lost only a name: {kept}\n\
             freed: {}",
            images.len() - kept,
            gigabytes(before.all - after.all)
        ));
    }
    if after.cache > 0.0 {
        print::out(format_args!(
            "the cache of builds, which all projects share, holds {}: `docker builder prune --all` empties it",
            gigabytes(after.cache)
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn ids(docker: &Docker, which: &[&str]) -> Result<Vec<String>, Failure> {
    let args = [&["image", "ls", "--quiet", "--no-trunc"], which].concat();
    let printed = docker.expect(&args, LIMIT)?;
    Ok(printed.split_whitespace().map(ToOwned::to_owned).collect())
}

fn disk_use(docker: &Docker) -> Result<DiskUse, Failure> {
    let args = ["system", "df", "--format", "{{.Type}}\t{{.Size}}"];
    Ok(parsed(&docker.expect(&args, LIMIT)?))
}

fn parsed(printed: &str) -> DiskUse {
    let mut disk_use = DiskUse::default();
    for (kind, size) in printed.lines().filter_map(|line| line.split_once('\t')) {
        let bytes = bytes(size).unwrap_or_default();
        disk_use.all += bytes;
        if kind == "Build Cache" {
            disk_use.cache += bytes;
        }
    }
    disk_use
}

/// A size as Docker prints it: `4.009GB`.
fn bytes(size: &str) -> Option<f64> {
    let unit = size.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = size.split_at(unit);
    let power = ["B", "kB", "MB", "GB", "TB", "PB"]
        .iter()
        .position(|known| *known == unit)?;
    Some(number.trim().parse::<f64>().ok()? * 1000_f64.powi(i32::try_from(power).ok()?))
}

fn gigabytes(bytes: f64) -> String {
    format!("{:.1} GB", bytes.max(0.0) / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_use_of_the_disk_is_read() {
        let printed =
            "Images\t4.009GB\nContainers\t20.5kB\nLocal Volumes\t0B\nBuild Cache\t512MB\n";
        let expected = DiskUse {
            all: 4.009e9 + 20.5e3 + 512e6,
            cache: 512e6,
        };
        assert_eq!(parsed(printed), expected);
        assert_eq!(parsed("nonsense\n"), DiskUse::default());
        assert_eq!(gigabytes(-1.0), "0.0 GB");
    }
}
