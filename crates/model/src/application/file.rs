//! What an application file says.

use std::collections::BTreeMap;

use opencloud_yaml::PathError;
use serde::Deserialize;

use super::{
    error::ApplicationError,
    pattern,
    yaml::{self, EditError, Scalar},
};
use crate::settings::Device;

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
    /// The application file, without its extension, whose job runs first. The artifacts of that job are
    /// inputs of this one.
    pub after: Option<String>,
    /// Where the inputs of real jobs come from. Without it, the files beside the application's own
    /// serve every environment; with it, those serve the embedded one.
    pub download: Option<Download>,
    /// The files to upload.
    pub inputs: Vec<Input>,
    /// The outputs that the job must have.
    pub outputs: Vec<Output>,
}

/// A zip or a directory that holds the inputs of real jobs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Download {
    /// The address of the zip. Without it, the setting `APPLICATION_INPUTS` names a zip or a directory.
    pub url: Option<String>,
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
    /// A pattern that at least one file must match: the file's name, or with a `/` its path below the
    /// job's directory. A `*` stands for any characters but `/`.
    pub file: String,
    /// How many bytes it must have at least.
    #[serde(default)]
    pub least_bytes: u64,
    /// The values in it that must be those that were uploaded.
    #[serde(default)]
    pub unchanged: Vec<Unchanged>,
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
                return Some(format!("inputs: {:?} is not a file name", input.file));
            }
        }
        self.outputs.iter().find_map(|output| {
            let file = &output.file;
            if !file.split('/').all(is_file_name) {
                return Some(format!("outputs: {file:?} is no name and no pattern"));
            }
            if file.contains('*') && !output.unchanged.is_empty() {
                return Some(format!(
                    "outputs: {file} can have no unchanged value, it may be several files"
                ));
            }
            let is_input = |name: &str| self.inputs.iter().any(|input| input.file == name);
            let mut wanted = output.unchanged.iter().map(|value| &value.input);
            let missing = wanted.find(|input| !is_input(input))?;
            Some(format!("outputs: there is no input {missing}"))
        })
    }

    /// The application, its version and its entry point, such as `decode v0_10_1 train`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} {} {}", self.application, self.version, self.entrypoint)
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

impl Application {
    /// Whether the input's text matters: values in it are set, or must be unchanged in an output.
    #[must_use]
    pub fn reads(&self, input: &Input) -> bool {
        !input.set.is_empty() || self.unchanged_keys(input).next().is_some()
    }

    /// The keys of an input whose values must be unchanged in outputs.
    fn unchanged_keys(&self, input: &Input) -> impl Iterator<Item = &str> {
        let all = self.outputs.iter().flat_map(|output| &output.unchanged);
        let of_input = all.filter(|unchanged| unchanged.input == input.file);
        of_input.map(|unchanged| unchanged.key.as_str())
    }

    /// Fails if the text of an input cannot be prepared for each device.
    pub fn check_edits(&self, input: &Input, text: &str) -> Result<(), EditError> {
        for device in [Device::Cpu, Device::Gpu] {
            self.prepared(input, text, device)?;
        }
        Ok(())
    }

    /// The text of an input to upload, which has every value that must be unchanged in an output.
    pub fn prepared(&self, input: &Input, text: &str, device: Device) -> Result<String, EditError> {
        let text = input.edited(text, device)?;
        let mut keys = self.unchanged_keys(input).peekable();
        if keys.peek().is_some() {
            let document = opencloud_yaml::read(&text)?;
            for key in keys {
                document.get(key).map_err(|error| match error {
                    PathError::Missing => EditError::NotThere(key.into()),
                    PathError::Ambiguous => EditError::Ambiguous(key.into()),
                })?;
            }
        }
        Ok(text)
    }
}

impl Input {
    /// The text to upload: `text` with the scalars of `set` changed and every other byte as it was.
    fn edited(&self, text: &str, device: Device) -> Result<String, EditError> {
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
    /// Whether the file at `path`, which begins below the job's directory, matches the pattern.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or_default();
        let subject = if self.file.contains('/') { path } else { name };
        pattern::matches(&self.file, subject)
    }
}

impl OutputDirectory {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Output, Self::Log, Self::Artifact];

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
