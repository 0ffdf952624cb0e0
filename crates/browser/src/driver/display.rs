//! A display for a browser that has no mode without a window.

use std::{process::Command, time::Duration};

use crate::process::{Failure, Interrupt, Resources};

/// How long it may take to start.
const LIMIT: Duration = Duration::from_secs(30);

/// Starts a display in memory, which ends with `resources`; returns its name.
pub(super) fn start(resources: &Resources, interrupt: &Interrupt) -> Result<String, Failure> {
    let (process, output) = resources.spawn_with_output(
        resources
            .contain_files(&mut Command::new("Xvfb"))
            // It finds a free number itself, and writes that to its standard output, alone on a line.
            .args(["-displayfd", "1", "-screen", "0", "1280x1024x24"])
            .args(["-nolisten", "tcp"]),
    )?;
    let failed = |how: String| Failure::ours_with(format!("Xvfb {how}"), output.text());
    let display = interrupt.poll(LIMIT, || {
        let number = output.find(|line| line.parse::<u32>().ok());
        match (number, resources.exit_status(process)) {
            (Some(number), _) => Ok(Some(format!(":{number}"))),
            (None, Ok(Some(status))) => Err(failed(format!("ended: {status}"))),
            (None, _) => Ok(None),
        }
    })?;
    display.ok_or_else(|| failed(format!("is not ready after {} s", LIMIT.as_secs())))
}
