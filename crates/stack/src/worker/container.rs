//! An application in its container, as far as users see it.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    reading,
    shell::{self, Call},
    workspace::Workspace,
};
use crate::{
    applications::{Content, EntryPoint, Recipe},
    faults::{Fault, Faults},
    jobs::Application,
};

/// A container that is about to run.
pub(super) struct Container<'j> {
    pub(super) application: &'j Application,
    pub(super) entry_point: EntryPoint<'j>,
    /// Its inputs.
    pub(super) files: Workspace,
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
    /// The absolute path.
    pub(super) path: String,
    pub(super) content: Vec<u8>,
}

impl Ended {
    /// The worker's report of a failure: the container's log.
    pub(super) fn failure_details(&self) -> Option<String> {
        self.failed.then(|| format!("Logs:\n{}", self.log))
    }
}

impl Container<'_> {
    /// Runs to the end. A container that fails leaves its log and nothing else.
    pub(super) fn run(mut self) -> Ended {
        let Application {
            application,
            version,
            entrypoint,
        } = self.application;
        let mut log = format!("{application} {version} {entrypoint}\n");
        let recipe = self.entry_point.recipe();
        let call = shell::run(&self.entry_point.command(), &mut self.files);
        let failure = match (&recipe, &call) {
            (_, Err(error)) => Some(error.clone()),
            (None, _) => Some(
                "the embedded worker does not know what this program reads and writes: add the member \
                 `container` to its entry point"
                    .into(),
            ),
            (Some(recipe), Ok(call)) => self.read(recipe, call).err().map(|error| traceback(&error)),
        };
        log += failure.as_deref().unwrap_or("done");
        log.push('\n');
        let failed = failure.is_some();
        let files = match (recipe, &call) {
            (Some(recipe), Ok(call)) => self.write(recipe, call, &log, failed),
            _ => Vec::new(),
        };
        Ended { failed, files, log }
    }

    /// Reads the inputs. The error is the exception that ends the program.
    fn read(&self, recipe: &Recipe, call: &Call) -> Result<(), String> {
        for input in &recipe.reads {
            reading::read(input, call, &self.files)?;
        }
        if self.must_fail {
            return Err("RuntimeError: every job of this stack fails (--fail-jobs)".into());
        }
        Ok(())
    }

    /// The files that it leaves.
    fn write(&self, recipe: &Recipe, call: &Call, log: &str, failed: bool) -> Vec<OutputFile> {
        let redirected = call.log.iter().map(|path| OutputFile {
            path: path.clone(),
            content: log.into(),
        });
        let mut files: Vec<_> = redirected.collect();
        for output in &recipe.writes {
            if failed && output.content != Content::Log {
                continue;
            }
            let (place, _) = call.argument(&output.argument);
            let path = match &output.file {
                Some(file) => format!("{place}/{file}"),
                None => place.to_owned(),
            };
            let content = self.content(&output.content, call, log);
            files.extend(content.map(|content| OutputFile { path, content }));
        }
        files
    }

    /// The content of an output; `None` for one that is not written.
    fn content(&self, content: &Content, call: &Call, log: &str) -> Option<Vec<u8>> {
        Some(match content {
            Content::Log => log.into(),
            Content::TorchModel if self.faults.has(Fault::JobOutputWithoutModel) => return None,
            Content::TorchModel => model(),
            Content::CopyOf(argument) => {
                let (path, _) = call.argument(argument);
                let mut below = self.files.files_below(path).map(|(_, content)| content);
                let content = self.files.file(path).or_else(|| below.next());
                self.written(content.unwrap_or_default())
            }
            Content::Text(text) => text.clone().into(),
            Content::Base64(bytes) => bytes.clone(),
        })
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

fn traceback(exception: &str) -> String {
    format!(
        "Traceback (most recent call last):\n  File \"/docker/entrypoint.py\", line 1, in \
         <module>\n{exception}"
    )
}

/// A small file of the form that torch saves: a zip archive, nothing in it compressed.
fn model() -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    // The pickle of an empty dictionary, the weights, and the format's version.
    let members: [(&str, &[u8]); 4] = [
        ("model_0/data.pkl", b"\x80\x02}q\x00."),
        ("model_0/byteorder", b"little"),
        ("model_0/data/0", &[0; 4096]),
        ("model_0/version", b"3\n"),
    ];
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            archive.start_file(name, stored)?;
            archive.write_all(content)?;
        }
        Ok(archive.finish()?.into_inner())
    };
    write().expect("memory takes every write")
}
