//! An application in its container, as far as users see it.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::inputs::{Inputs, has_extension};
use crate::{
    faults::{Fault, Faults},
    jobs::Application,
};

/// A container that is about to run.
pub(super) struct Container<'j> {
    pub(super) application: &'j Application,
    pub(super) inputs: &'j Inputs,
    /// Fails whatever its inputs are.
    pub(super) must_fail: bool,
    /// The faults of its outputs.
    pub(super) faults: &'j Faults,
}

/// The result of a container that has ended.
pub(super) struct Ended {
    pub(super) failed: bool,
    pub(super) files: Vec<OutputFile>,
    log: String,
}

/// A file that a container made.
pub(super) struct OutputFile {
    /// The directory below `/files`.
    pub(super) directory: &'static str,
    pub(super) name: &'static str,
    pub(super) content: Vec<u8>,
}

impl OutputFile {
    fn new(directory: &'static str, name: &'static str, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        Self {
            directory,
            name,
            content,
        }
    }
}

impl Ended {
    /// The worker's report of a failure: the container's log.
    pub(super) fn failure_details(&self) -> Option<String> {
        self.failed.then(|| format!("Logs:\n{}", self.log))
    }
}

impl Container<'_> {
    /// Runs to the end. A container that fails leaves its log and nothing else.
    pub(super) fn run(&self) -> Ended {
        let Application {
            application,
            version,
            entrypoint,
        } = self.application;
        let mut log = format!("{application} {version} {entrypoint}\n");
        let result = self.work();
        let (failed, mut files) = match result {
            Ok(files) => {
                log += "done\n";
                (false, files)
            }
            Err(exception) => {
                log += &traceback(&exception);
                (true, Vec::new())
            }
        };
        files.push(OutputFile::new("log", "log.log", log.clone()));
        Ended { failed, files, log }
    }

    fn work(&self) -> Result<Vec<OutputFile>, String> {
        let (name, parameters) = (self.inputs.parameters.as_ref())
            .ok_or("FileNotFoundError: no parameter file (*.yaml) in /files/config")?;
        check_parameters(name, parameters)?;
        if self.must_fail {
            return Err("RuntimeError: every job of this stack fails (--fail-jobs)".into());
        }
        match (
            self.application.application.as_str(),
            self.application.entrypoint.as_str(),
        ) {
            ("decode", "train") => self.train(parameters),
            ("decode", _) => Ok(vec![OutputFile::new("output", "emitter.h5", HDF5)]),
            _ => Ok(vec![OutputFile::new("output", "localizations.h5", HDF5)]),
        }
    }

    /// DECODE copies its parameters beside the model that it trains.
    fn train(&self, parameters: &[u8]) -> Result<Vec<OutputFile>, String> {
        if !self
            .inputs
            .data
            .iter()
            .any(|name| has_extension(name, "mat"))
        {
            return Err("FileNotFoundError: no calibration file (*.mat) in /files/data".into());
        }
        let mut files = vec![OutputFile::new(
            "model",
            "param_run_in.yaml",
            self.written(parameters),
        )];
        if !self.faults.has(Fault::JobOutputWithoutModel) {
            files.push(OutputFile::new("model", "model_0.pt", model()?));
        }
        Ok(files)
    }

    /// The parameters as they are written beside the model: as they came.
    fn written(&self, parameters: &[u8]) -> Vec<u8> {
        if self.faults.has(Fault::JobParametersAltered) {
            let text = String::from_utf8_lossy(parameters);
            return text.replace("baseline: ", "baseline: 1").into_bytes();
        }
        if self.faults.has(Fault::JobParametersOfAnotherRun) {
            return b"Camera:\n  baseline: 100\n  em_gain: null\n".to_vec();
        }
        if self.faults.has(Fault::JobParametersInvalid) {
            return [b"Camera: [unclosed\n", parameters].concat();
        }
        parameters.to_vec()
    }
}

/// The beginning of an HDF5 file, which is empty otherwise.
const HDF5: &[u8] = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0";

/// How many brackets may be nested in parameters. Python's limit is a little higher; the parser
/// used here takes time that grows with the square of the depth.
const DEEPEST: usize = 500;

fn check_parameters(name: &str, parameters: &[u8]) -> Result<(), String> {
    if depth(parameters) > DEEPEST {
        return Err(format!(
            "RecursionError: {name}: maximum recursion depth exceeded"
        ));
    }
    let parsed: serde_yaml::Value = serde_yaml::from_slice(parameters)
        .map_err(|error| format!("yaml.scanner.ScannerError: {name}: {error}"))?;
    if parsed.is_mapping() {
        Ok(())
    } else {
        Err(format!(
            "AttributeError: {name}: the parameters are no mapping"
        ))
    }
}

/// The largest number of nested brackets, those in strings included.
fn depth(yaml: &[u8]) -> usize {
    let (_, deepest) = yaml.iter().fold((0_usize, 0), |(depth, deepest), byte| {
        let depth = match byte {
            b'[' | b'{' => depth + 1,
            b']' | b'}' => depth.saturating_sub(1),
            _ => depth,
        };
        (depth, deepest.max(depth))
    });
    deepest
}

fn traceback(exception: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/docker/entrypoint.py\", line 1, in \
         <module>\n{exception}\n"
    )
}

/// A small file of the form that torch saves: a zip archive, nothing in it compressed.
fn model() -> Result<Vec<u8>, String> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // The pickle of an empty dictionary, the weights, and the format's version.
    let members: [(&str, &[u8]); 4] = [
        ("model_0/data.pkl", b"\x80\x02}q\x00."),
        ("model_0/byteorder", b"little"),
        ("model_0/data/0", &[0; 4096]),
        ("model_0/version", b"3\n"),
    ];
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let written = archive.start_file(name, stored);
        written.map_err(|error| error.to_string())?;
        archive.write_all(content).map_err(|e| e.to_string())?;
    }
    let archive = archive.finish().map_err(|error| error.to_string())?;
    Ok(archive.into_inner())
}
