//! A display for a browser that has no mode without a window.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use crate::process::{Failure, Interrupt, Output, Resources};

/// How long it may take to start.
const LIMIT: Duration = Duration::from_secs(30);

/// Starts a display in memory, which ends with `resources`; returns its name.
pub(super) fn start(resources: &Resources, interrupt: &Interrupt) -> Result<String, Failure> {
    let process = resources.spawn(
        resources
            .contain_files(&mut Command::new("Xvfb"))
            // It finds a free number itself, and writes that to its standard output.
            .args(["-displayfd", "1", "-screen", "0", "1280x1024x24"])
            .args(["-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
    )?;
    let (stdout, stderr) = resources.pipes(process);
    let (number, messages) = (Output::default(), Output::default());
    number.read(stdout);
    messages.read(stderr);
    let failed = |how: String| Failure::ours_with(format!("Xvfb {how}"), messages.text());
    let display = interrupt.poll(LIMIT, || {
        let number = number.find(|line| line.parse::<u32>().ok());
        match (number, resources.exit_status(process)) {
            (Some(number), _) => Ok(Some(format!(":{number}"))),
            (None, Ok(Some(status))) => Err(failed(format!("ended: {status}"))),
            (None, _) => Ok(None),
        }
    })?;
    display.ok_or_else(|| failed(format!("is not ready after {} s", LIMIT.as_secs())))
}
