//! An application under test, as data: one YAML file lists its inputs and the outputs that it must have.
//!
//! To test another application, add a file to `tests/applications`; its inputs lie in the folder
//! of the same name beside it.

pub mod yaml;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{line::line, settings::Device};
use yaml::{EditError, Scalar};

/// An application, its inputs and what its outputs must hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The application's name in the UserAPI's configuration, such as `decode`.
    pub application: String,
    /// Its version, such as `v0_10_1`.
    pub version: String,
    /// Its entry point, such as `train`.
    pub entrypoint: String,
    /// Where the inputs of real jobs come from. Without it, the files beside the application's own
    /// serve every environment; with it, those serve the embedded one.
    pub download: Option<Download>,
    /// The files to upload.
    pub inputs: Vec<Input>,
    /// The outputs that the job must have.
    pub outputs: Vec<Output>,
}

/// A zip that holds the inputs of real jobs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// Its address.
    pub url: String,
    /// The folder in it that holds them.
    pub folder: String,
}

/// A file to upload.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The file's name, in the folder beside the application's YAML file.
    pub file: String,
    /// The directory it is uploaded to.
    pub to: InputDirectory,
    /// The SHA-256 that the downloaded file must have, in lower-case hexadecimal digits.
    pub sha256: Option<String>,
    /// Scalars to change before the upload, by their path of keys joined with dots.
    #[serde(default)]
    pub set: BTreeMap<String, Edit>,
}

/// The directories that inputs are uploaded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputDirectory {
    /// Parameter files.
    Config,
    /// Recordings and calibrations.
    Data,
    /// Outputs of an earlier job.
    Artifact,
}

impl InputDirectory {
    /// The name in the UserAPI's paths.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Data => "data",
            Self::Artifact => "artifact",
        }
    }

    /// The name of the directory in it that holds the inputs of the job `job`. In `artifact`, that of
    /// the job's own name is for its outputs and goes with the job.
    #[must_use]
    pub fn inputs_of(self, job: &str) -> String {
        match self {
            Self::Config | Self::Data => job.to_owned(),
            Self::Artifact => format!("{job}_inputs"),
        }
    }
}

/// The value that a scalar gets.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Edit {
    /// The same in every run.
    Always(Scalar),
    /// One that depends on what the job trains on.
    ByDevice(ByDevice),
}

/// A value for each device.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByDevice {
    /// Without a GPU.
    pub cpu: Scalar,
    /// With one.
    pub gpu: Scalar,
}

/// An output that the job must have.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its directory.
    pub directory: OutputDirectory,
    /// The file's name, or `*.` and an extension that at least one file must have.
    pub file: String,
    /// A value in it that must be the one that was uploaded.
    pub unchanged: Option<Unchanged>,
}

/// The directories that a job writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputDirectory {
    /// Results.
    Output,
    /// Logs.
    Log,
    /// Models and their files.
    Artifact,
}

/// A value of a YAML output that must equal that of an input.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unchanged {
    /// The path of keys, joined with dots, in both files.
    pub key: String,
    /// The input's file name.
    pub input: String,
}

/// What is wrong with an application file.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// It is not YAML, or does not have the fields that it needs.
    #[error("tests/applications/{name}.yaml: {}", line(&source.to_string()))]
    Syntax {
        /// The file's name without its extension.
        name: String,
        /// What the reader says, with line and column.
        source: serde_yaml::Error,
    },
    /// It contains a contradiction or an invalid value.
    #[error("tests/applications/{name}.yaml: {}", line(problem))]
    Meaning {
        /// The file's name without its extension.
        name: String,
        /// What is wrong, and what is valid.
        problem: String,
    },
    /// An input cannot be edited as asked.
    #[error("tests/applications/{name}/{file}: {}", line(&source.to_string()))]
    Edit {
        /// The application file's name without its extension.
        name: String,
        /// The input's file name.
        file: String,
        /// Which key, and what is wrong with it.
        source: EditError,
    },
    /// A file is not there or cannot be read.
    #[cfg(not(target_arch = "wasm32"))]
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Application {
    /// Reads the text of `tests/applications/<name>.yaml`.
    pub fn parse(name: &str, text: &str) -> Result<Self, ApplicationError> {
        let application: Self =
            serde_yaml::from_str(text).map_err(|source| ApplicationError::Syntax {
                name: name.into(),
                source,
            })?;
        match application.contradiction() {
            None => Ok(application),
            Some(problem) => Err(ApplicationError::Meaning {
                name: name.into(),
                problem,
            }),
        }
    }

    fn contradiction(&self) -> Option<String> {
        if !self
            .inputs
            .iter()
            .any(|input| input.to == InputDirectory::Config)
        {
            return Some("inputs: one of them must go to config".into());
        }
        for input in &self.inputs {
            if !is_file_name(&input.file) {
                return Some(format!("inputs: {:?} is no file name", input.file));
            }
        }
        for output in &self.outputs {
            let Some(unchanged) = &output.unchanged else {
                continue;
            };
            if output.file.starts_with("*.") {
                return Some(format!(
                    "outputs: {} can have no unchanged value, it may be several files",
                    output.file
                ));
            }
            if !self
                .inputs
                .iter()
                .any(|input| input.file == unchanged.input)
            {
                return Some(format!("outputs: there is no input {}", unchanged.input));
            }
        }
        None
    }

    /// The directories that hold the inputs, each once.
    #[must_use]
    pub fn input_directories(&self) -> Vec<InputDirectory> {
        let mut directories: Vec<_> = self.inputs.iter().map(|input| input.to).collect();
        directories.sort_unstable();
        directories.dedup();
        directories
    }
}

/// Whether it names a file in a folder, and nothing else.
fn is_file_name(name: &str) -> bool {
    let leads_on = |c: char| matches!(c, '/' | '\\') || c.is_control();
    !matches!(name, "" | "." | "..") && !name.contains(leads_on)
}

impl Input {
    /// The text to upload: `text` with the scalars of `set` changed and every other byte as it was.
    pub fn edited(&self, text: &str, device: Device) -> Result<String, EditError> {
        let mut text = text.to_owned();
        for (path, edit) in &self.set {
            let value = match (edit, device) {
                (Edit::Always(value), _)
                | (Edit::ByDevice(ByDevice { cpu: value, .. }), Device::Cpu)
                | (Edit::ByDevice(ByDevice { gpu: value, .. }), Device::Gpu) => value,
            };
            text = yaml::set(&text, path, value)?;
        }
        Ok(text)
    }
}

impl Output {
    /// Whether a file of this name fulfils the demand on names.
    #[must_use]
    pub fn matches(&self, file_name: &str) -> bool {
        match self.file.strip_prefix('*') {
            Some(extension) => file_name.len() > extension.len() && file_name.ends_with(extension),
            None => file_name == self.file,
        }
    }
}

impl OutputDirectory {
    /// The name in the UserAPI's paths.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Output => "output",
            Self::Log => "log",
            Self::Artifact => "artifact",
        }
    }
}

/// Reads every application file in `directory` with its inputs and tries all its edits, so that
/// an error in one of them ends the run before anything starts. Sorted by name.
#[cfg(not(target_arch = "wasm32"))]
pub fn check_all(
    directory: &std::path::Path,
) -> Result<Vec<(String, Application)>, ApplicationError> {
    let read_error = |path: &std::path::Path, source| ApplicationError::Read {
        path: path.display().to_string(),
        source,
    };
    let mut files: Vec<_> = std::fs::read_dir(directory)
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
        let text = std::fs::read_to_string(&path).map_err(|source| read_error(&path, source))?;
        let application = Application::parse(&name, &text)?;
        for input in &application.inputs {
            let path = directory.join(&name).join(&input.file);
            let bytes = std::fs::read(&path).map_err(|source| read_error(&path, source))?;
            if input.set.is_empty() {
                continue;
            }
            let edit_error = |source| ApplicationError::Edit {
                name: name.clone(),
                file: input.file.clone(),
                source,
            };
            let text = String::from_utf8(bytes).map_err(|_| edit_error(EditError::NotText))?;
            for device in [Device::Cpu, Device::Gpu] {
                input.edited(&text, device).map_err(edit_error)?;
            }
        }
        applications.push((name, application));
    }
    Ok(applications)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
