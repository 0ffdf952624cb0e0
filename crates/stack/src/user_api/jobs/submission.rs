//! The body that a page posts to start a job, and its validation.

use std::num::TryFromIntError;

use serde_json::{Map, Value};

use crate::{
    applications::{Applications, EntryPoint},
    faults::{Fault, Faults},
    files::UserPath,
    jobs::{Application, Hardware},
    user_api::{
        errors::{ApiError, Flaw},
        validation::Place,
    },
};

/// A job as it was posted, each part well-formed.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) job_name: String,
    pub(crate) environment: Option<String>,
    pub(crate) priority: i64,
    pub(crate) application: Application,
    pub(crate) files_down: PostedFiles,
    pub(crate) env_vars: Option<Map<String, Value>>,
    /// The machine that it asks for; `Err` if a number of it has more than 64 bits.
    pub(crate) hardware: Option<Result<Hardware, TryFromIntError>>,
}

/// A job's inputs as they were posted.
#[derive(Debug)]
pub(crate) struct PostedFiles {
    pub(crate) config_id: Option<String>,
    pub(crate) data_ids: Option<Vec<String>>,
    pub(crate) artifact_ids: Option<Vec<String>>,
}

type Flaws = Vec<Flaw>;

impl Submission {
    /// Reads a posted job; lists all flaws, in the order of the fields.
    pub(crate) fn read(
        body: Option<&Value>,
        known: &Applications,
        faults: &Faults,
    ) -> Result<Self, ApiError> {
        let mut flaws = Vec::new();
        let read = Self::try_read(&Place::body(body), known, faults, &mut flaws);
        match read {
            Some(submission) if flaws.is_empty() => Ok(submission),
            _ => Err(ApiError::Invalid(flaws)),
        }
    }

    fn try_read(
        body: &Place<'_>,
        known: &Applications,
        faults: &Faults,
        flaws: &mut Flaws,
    ) -> Option<Self> {
        let body = body.model(flaws)?;
        let job_name = job_name(&body.field("job_name"), flaws);
        let mut environments = vec!["cloud", "local"];
        if faults.has(Fault::JobEnvironmentNotChecked) {
            environments.push("moon");
        }
        let environment = body.field("environment").optional_choice(
            &environments,
            "'cloud', 'local' or None",
            flaws,
        );
        let priority = priority(&body.field("priority"), faults, flaws);
        let application = application(&body.field("application"), known, faults, flaws);
        let attributes = attributes(
            &body.field("attributes"),
            application.as_ref(),
            known,
            faults,
            flaws,
        );
        let hardware = hardware(&body.field("hardware"), flaws);
        let (files_down, env_vars) = attributes?;
        Some(Self {
            job_name: job_name?,
            environment,
            priority,
            application: application?,
            files_down,
            env_vars,
            hardware,
        })
    }
}

/// Any text, even an empty one. The name becomes part of paths, so it must not lead out of them.
fn job_name(place: &Place<'_>, flaws: &mut Flaws) -> Option<String> {
    let name = place.string(flaws)?;
    if UserPath::parse(&name).is_none() {
        flaws.push(place.value_flaw("Job name must not lead out of its directory."));
        return None;
    }
    Some(name)
}

fn priority(place: &Place<'_>, faults: &Faults, flaws: &mut Flaws) -> i64 {
    let default = i128::from(faults.has(Fault::JobDefaultPriority));
    let priority = place.optional_int(flaws).unwrap_or(default);
    let most = if faults.has(Fault::HighPriorityRefused) {
        1
    } else {
        5
    };
    if !(0..=most).contains(&priority) && !faults.has(Fault::JobPriorityNotChecked) {
        let reason = format!("Priority must be between 0 and 5, not {priority}.");
        flaws.push(place.value_flaw(&reason));
    }
    i64::try_from(priority).unwrap_or_default()
}

/// The fields are checked in order, and each needs those before it.
fn application(
    place: &Place<'_>,
    known: &Applications,
    faults: &Faults,
    flaws: &mut Flaws,
) -> Option<Application> {
    let place = place.model(flaws)?;
    if faults.has(Fault::JobApplicationNotChecked) {
        return Some(Application {
            application: place.field("application").string(flaws)?,
            version: place.field("version").string(flaws)?,
            entrypoint: place.field("entrypoint").string(flaws)?,
        });
    }
    let names = known.names();
    let application = place.field("application").string(flaws).and_then(|name| {
        let shown = python_list(&names);
        one_of(name, &names, &shown, "Application", &place, flaws)
    });
    let field = place.field("version");
    let version = field.string(flaws).and_then(|name| {
        let Some(application) = &application else {
            return reject(&field, "Application must be set before version.", flaws);
        };
        if faults.has(Fault::JobVersionNotChecked) {
            return Some(name);
        }
        let names = known.versions(application);
        one_of(name, &names, &python_keys(&names), "Version", &place, flaws)
    });
    let field = place.field("entrypoint");
    let entrypoint = field.string(flaws).and_then(|name| {
        let (Some(application), Some(version)) = (&application, &version) else {
            let reason = "Application and version must be set before entrypoint.";
            return reject(&field, reason, flaws);
        };
        let any = [Fault::JobVersionNotChecked, Fault::JobEntrypointNotChecked];
        if any.into_iter().any(|fault| faults.has(fault)) {
            return Some(name);
        }
        let names = known.entrypoints(application, version);
        one_of(
            name,
            &names,
            &python_keys(&names),
            "Entrypoint",
            &place,
            flaws,
        )
    });
    Some(Application {
        application: application?,
        version: version?,
        entrypoint: entrypoint?,
    })
}

/// The name, if it is one of `names`, which a flaw lists as `shown`. `what` is the field's name
/// with a capital.
fn one_of(
    name: String,
    names: &[&str],
    shown: &str,
    what: &str,
    model: &Place<'_>,
    flaws: &mut Flaws,
) -> Option<String> {
    if names.contains(&name.as_str()) {
        return Some(name);
    }
    let reason = format!("{what} must be one of {shown}, not {name}.");
    reject(&model.field(&what.to_ascii_lowercase()), &reason, flaws)
}

fn reject<T>(place: &Place<'_>, reason: &str, flaws: &mut Flaws) -> Option<T> {
    flaws.push(place.value_flaw(reason));
    None
}

fn python_list(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    format!("[{}]", quoted.join(", "))
}

fn python_keys(names: &[&str]) -> String {
    format!("dict_keys({})", python_list(names))
}

type Posted = (PostedFiles, Option<Map<String, Value>>);

fn attributes(
    place: &Place<'_>,
    application: Option<&Application>,
    known: &Applications,
    faults: &Faults,
    flaws: &mut Flaws,
) -> Option<Posted> {
    let before = flaws.len();
    let model = place.model(flaws)?;
    let files = model
        .field("files_down")
        .model(flaws)
        .map(|files| PostedFiles {
            config_id: files.field("config_id").optional_string(flaws),
            data_ids: files.field("data_ids").optional_strings(flaws),
            artifact_ids: files.field("artifact_ids").optional_strings(flaws),
        });
    let env_vars = model.field("env_vars").optional_map(flaws);
    if flaws.len() > before {
        return None;
    }
    let Some(application) = application else {
        return reject(place, "Application must be set before attributes.", flaws);
    };
    let entrypoint = known.entrypoint(
        &application.application,
        &application.version,
        &application.entrypoint,
    );
    let allowed = entrypoint.map_or_else(Vec::new, EntryPoint::env);
    let names = env_vars.iter().flatten().map(|(name, _)| name.as_str());
    let all_allowed = names.into_iter().all(|name| allowed.contains(&name));
    let is_comet = application.application == "comet";
    let not_checked = faults.has(Fault::JobVariablesNotChecked)
        || (is_comet && faults.has(Fault::VariablesNotCheckedForComet));
    if !all_allowed && !not_checked {
        let allowed = python_list(&allowed);
        let reason = format!("Environment variables must be in {allowed}.");
        return reject(place, &reason, flaws);
    }
    let env_vars = env_vars.map(|vars| {
        let vars = vars.into_iter();
        vars.map(|(name, value)| (name, Value::String(value)))
            .collect()
    });
    Some((files?, env_vars))
}

fn hardware(place: &Place<'_>, flaws: &mut Flaws) -> Option<Result<Hardware, TryFromIntError>> {
    if place.input().is_null() {
        return None;
    }
    let place = place.model(flaws)?;
    let mut int = |name| {
        place
            .field(name)
            .optional_int(flaws)
            .map(i64::try_from)
            .transpose()
    };
    let (cpu_cores, memory, gpu_mem) = (int("cpu_cores"), int("memory"), int("gpu_mem"));
    let gpu_model = place.field("gpu_model").optional_string(flaws);
    let gpu_archi = place.field("gpu_archi").optional_string(flaws);
    let hardware = || {
        Ok(Hardware {
            cpu_cores: cpu_cores?,
            memory: memory?,
            gpu_model,
            gpu_archi,
            gpu_mem: gpu_mem?,
        })
    };
    Some(hardware())
}
