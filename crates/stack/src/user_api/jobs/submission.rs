//! What a page posts to start a job, and everything that can be wrong with it.

use serde_json::{Map, Value};

use crate::{
    applications::Applications,
    jobs::{Application, Hardware},
    user_api::{
        errors::{ApiError, Fault},
        files::path::UserPath,
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
    pub(crate) hardware: Option<Hardware>,
}

/// A job's inputs as they were posted.
#[derive(Debug)]
pub(crate) struct PostedFiles {
    pub(crate) config_id: Option<String>,
    pub(crate) data_ids: Option<Vec<String>>,
    pub(crate) artifact_ids: Option<Vec<String>>,
}

type Faults = Vec<Fault>;

impl Submission {
    /// Reads a posted job; lists all faults, in the order of the fields.
    pub(crate) fn read(body: Option<&Value>, known: &Applications) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let read = Self::try_read(&Place::body(body), known, &mut faults);
        match read {
            Some(submission) if faults.is_empty() => Ok(submission),
            _ => Err(ApiError::Invalid(faults)),
        }
    }

    fn try_read(body: &Place<'_>, known: &Applications, faults: &mut Faults) -> Option<Self> {
        let body = body.model(faults)?;
        let job_name = job_name(&body.field("job_name"), faults);
        let environment = body.field("environment").optional_choice(
            &["cloud", "local"],
            "'cloud', 'local' or None",
            faults,
        );
        let priority = priority(&body.field("priority"), faults);
        let application = application(&body.field("application"), known, faults);
        let attributes = attributes(
            &body.field("attributes"),
            application.as_ref(),
            known,
            faults,
        );
        let hardware = hardware(&body.field("hardware"), faults);
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
fn job_name(place: &Place<'_>, faults: &mut Faults) -> Option<String> {
    let name = place.string(faults)?;
    if UserPath::parse(&name).is_none() {
        faults.push(place.value_fault("Job name must not lead out of its directory."));
        return None;
    }
    Some(name)
}

fn priority(place: &Place<'_>, faults: &mut Faults) -> i64 {
    let priority = place.optional_int(faults).unwrap_or(0);
    if !(0..=5).contains(&priority) {
        let reason = format!("Priority must be between 0 and 5, not {priority}.");
        faults.push(place.value_fault(&reason));
    }
    priority
}

/// The fields are checked in order, and each needs those before it.
fn application(
    place: &Place<'_>,
    known: &Applications,
    faults: &mut Faults,
) -> Option<Application> {
    let place = place.model(faults)?;
    let field = place.field("application");
    let application = field.string(faults).and_then(|name| {
        let reason = not_one_of("Application", &python_list(&known.names()), &name);
        accept(
            known.names().contains(&name.as_str()),
            name,
            &field,
            &reason,
            faults,
        )
    });

    let field = place.field("version");
    let version = field.string(faults).and_then(|name| match &application {
        None => reject(&field, "Application must be set before version.", faults),
        Some(application) => {
            let allowed = known.versions(application);
            let reason = not_one_of("Version", &python_keys(&allowed), &name);
            accept(
                allowed.contains(&name.as_str()),
                name,
                &field,
                &reason,
                faults,
            )
        }
    });

    let field = place.field("entrypoint");
    let entrypoint = field.string(faults).and_then(|name| {
        let (Some(application), Some(version)) = (&application, &version) else {
            let reason = "Application and version must be set before entrypoint.";
            return reject(&field, reason, faults);
        };
        let allowed = known.entrypoints(application, version);
        let reason = not_one_of("Entrypoint", &python_keys(&allowed), &name);
        accept(
            allowed.contains(&name.as_str()),
            name,
            &field,
            &reason,
            faults,
        )
    });
    Some(Application {
        application: application?,
        version: version?,
        entrypoint: entrypoint?,
    })
}

fn accept(
    is_known: bool,
    name: String,
    place: &Place<'_>,
    reason: &str,
    faults: &mut Faults,
) -> Option<String> {
    if is_known {
        Some(name)
    } else {
        reject(place, reason, faults)
    }
}

fn reject<T>(place: &Place<'_>, reason: &str, faults: &mut Faults) -> Option<T> {
    faults.push(place.value_fault(reason));
    None
}

fn not_one_of(what: &str, allowed: &str, name: &str) -> String {
    format!("{what} must be one of {allowed}, not {name}.")
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
    faults: &mut Faults,
) -> Option<Posted> {
    let before = faults.len();
    let model = place.model(faults)?;
    let files = model
        .field("files_down")
        .model(faults)
        .map(|files| PostedFiles {
            config_id: files.field("config_id").optional_string(faults),
            data_ids: files.field("data_ids").optional_strings(faults),
            artifact_ids: files.field("artifact_ids").optional_strings(faults),
        });
    let env_vars = model.field("env_vars").optional_map(faults);
    if faults.len() > before {
        return None;
    }
    let Some(application) = application else {
        return reject(place, "Application must be set before attributes.", faults);
    };
    let entrypoint = known.entrypoint(
        &application.application,
        &application.version,
        &application.entrypoint,
    )?;
    let allowed = entrypoint.env();
    let names = env_vars.iter().flatten().map(|(name, _)| name.as_str());
    if !names.into_iter().all(|name| allowed.contains(&name)) {
        let allowed = python_list(&allowed);
        let reason = format!("Environment variables must be in {allowed}.");
        return reject(place, &reason, faults);
    }
    let env_vars = env_vars.map(|vars| {
        let vars = vars.into_iter();
        vars.map(|(name, value)| (name, Value::String(value)))
            .collect()
    });
    Some((files?, env_vars))
}

fn hardware(place: &Place<'_>, faults: &mut Faults) -> Option<Hardware> {
    if place.input().is_null() {
        return None;
    }
    let place = place.model(faults)?;
    Some(Hardware {
        cpu_cores: place.field("cpu_cores").optional_int(faults),
        memory: place.field("memory").optional_int(faults),
        gpu_model: place.field("gpu_model").optional_string(faults),
        gpu_archi: place.field("gpu_archi").optional_string(faults),
        gpu_mem: place.field("gpu_mem").optional_int(faults),
    })
}
