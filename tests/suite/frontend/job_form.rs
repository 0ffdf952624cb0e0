//! The form for a new job, filled as users fill it.

use opencloud_model::{event::Failure, settings::Environment};
use opencloud_suite::{
    job::{Hardware, NewJob},
    suite::Failed,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    fixture::{Fixture, not_checked, with_fixture},
    jobs::{PARAMETERS, upload_inputs, waiting_job},
};

/// The form with what every job needs; the user has left the rest alone.
fn filled(name: &str) -> Value {
    json!({
        "job_name": name,
        "environment": null,
        "priority": null,
        "application": { "application": "decode", "version": "v0_10_1", "entrypoint": "train" },
        "attributes": {
            "files_down": {
                "config_id": format!("{name}/"),
                "data_ids": [format!("{name}/")],
                "artifact_ids": [],
            },
            "env_vars": {},
        },
        "hardware": {
            "cpu_cores": null, "memory": null, "gpu_model": null, "gpu_archi": null, "gpu_mem": null,
        },
    })
}

/// What the user changes, as paths in the form and JSON texts.
type Changes = &'static [(&'static str, &'static str)];

/// Forms that are refused, and the members that the answer must name.
const INVALID: &[(&str, Changes, &[&str])] = &[
    (
        "the form as it opens",
        &[
            ("/job_name", "null"),
            ("/application/application", "null"),
            ("/application/version", "null"),
            ("/application/entrypoint", "null"),
            ("/attributes/files_down/config_id", "null"),
            ("/attributes/files_down/data_ids", "[]"),
        ],
        &[
            "body.job_name",
            "body.application.application",
            "body.application.version",
            "body.application.entrypoint",
            "body.attributes",
        ],
    ),
    (
        "environment \"any\", which is the text null",
        &[("/environment", "\"null\"")],
        &["body.environment"],
    ),
    ("priority 9", &[("/priority", "9")], &["body.priority"]),
    (
        "numbers that were typed and then emptied",
        &[
            ("/priority", "\"\""),
            ("/hardware/cpu_cores", "\"\""),
            ("/hardware/gpu_mem", "\"\""),
        ],
        &[
            "body.priority",
            "body.hardware.cpu_cores",
            "body.hardware.gpu_mem",
        ],
    ),
];

/// Forms that are valid. Each is sent with a name that is taken, so that no worker gets a job.
const VALID: &[(&str, Changes)] = &[
    ("environment and hardware left alone", &[]),
    ("environment cloud", &[("/environment", "\"cloud\"")]),
    (
        "priority 1 and one core",
        &[("/priority", "1"), ("/hardware/cpu_cores", "1")],
    ),
    ("priority 0, the lowest", &[("/priority", "0")]),
    ("priority 5, the highest", &[("/priority", "5")]),
    (
        "texts that were typed and then emptied",
        &[
            ("/hardware/gpu_model", "\"\""),
            ("/hardware/gpu_archi", "\"\""),
        ],
    ),
];

const TAKEN: &str = "Job name must be unique";

fn changed(name: &str, changes: Changes) -> Value {
    let mut form = filled(name);
    for (path, text) in changes {
        let member = form.pointer_mut(path).expect("the form has this member");
        *member = serde_json::from_str(text).expect("the table holds JSON");
    }
    form
}

#[wasm_bindgen_test]
pub(super) async fn job_form() -> Result<(), Failed> {
    with_fixture("frontend::job_form", async |fixture| {
        let (api, steps) = (fixture.api, fixture.steps);
        let name = fixture.name.to_owned();
        let send = |what: &str, changes| {
            let mut request = api.create_job_request(&changed(&name, changes));
            request.name = format!("create a job: {what}");
            request
        };
        let folders = with_all_hardware(fixture);
        steps
            .run("upload the inputs of the job", async {
                let content = upload_inputs(fixture).await?;
                let directory = fixture.directory("artifact");
                fixture.upload(&directory, "model_2.pt", &content).await
            })
            .await?;
        // This job keeps its name for the steps below.
        steps
            .run(
                "create a job whose inputs are folders, an earlier job's among them, with all hardware",
                create(fixture, &folders),
            )
            .await?;
        // Only where this is refused are forms sent that any worker could take.
        steps
            .run("create the same job again: 409", async {
                let again = api.create_job_request(&folders);
                fixture.refused(again, 409, TAKEN).await
            })
            .await?;
        for (what, changes, members) in INVALID {
            let step = format!("create a job: {what}: 422, with a list of reasons");
            steps
                .run(&step, fixture.refused_for(send(what, changes), members))
                .await?;
        }
        for (what, changes) in VALID {
            let step = format!("create a job: {what}: valid, so 409 for its name");
            steps
                .run(&step, fixture.refused(send(what, changes), 409, TAKEN))
                .await?;
        }
        let step = "create a job of each application that is offered: valid, so 409 for its name";
        steps.run(step, each_application(fixture)).await?;
        let files = of_files(fixture);
        steps
            .run(
                "create a job whose inputs are files, and whose name has spaces and an umlaut",
                async {
                    named(fixture, &files).await?;
                    remove(fixture, &files).await
                },
            )
            .await?;
        let what = "a job that any worker may take has no environment and no hardware";
        if fixture.suite.settings.environment != Environment::Embedded {
            not_checked(what, "a worker would begin to run it");
            return Ok(());
        }
        steps
            .run(what, async {
                for environment in [None, Some("cloud")] {
                    let new = NewJob {
                        job_name: format!("{}_any", fixture.name),
                        environment,
                        hardware: Hardware::default(),
                        ..folders.clone()
                    };
                    create(fixture, &new).await?;
                    remove(fixture, &new).await?;
                }
                Ok::<_, Failure>(())
            })
            .await
    })
    .await
}

/// Sends the form with each program that it offers, and a value for each of its variables.
async fn each_application(fixture: &Fixture<'_>) -> Result<(), Failure> {
    let offered = fixture.api.offered().await?;
    let versions = offered.iter().flat_map(|(application, versions)| {
        let versions = versions.iter();
        versions.map(move |(version, entry_points)| (application, version, entry_points))
    });
    for (application, version, entry_points) in versions {
        for (entrypoint, entry_point) in entry_points {
            let mut form = filled(fixture.name);
            form["application"] =
                json!({ "application": application, "version": version, "entrypoint": entrypoint });
            let variables = &mut form["attributes"]["env_vars"];
            for name in &entry_point.app.env {
                variables[name] = json!("1");
            }
            let mut request = fixture.api.create_job_request(&form);
            request.name = format!("create a job: {application} {version} {entrypoint}");
            let refusal = fixture.refused(request, 409, TAKEN).await;
            refusal.map_err(|failure| {
                failure.and(
                    "\nGET /jobs/applications offers it, with its variables (UserAPI, the configuration that each of \
                     the two reads)",
                )
            })?;
        }
    }
    Ok(())
}

/// Inputs as the form names folders: as the listing has them, with a slash at the end.
fn with_all_hardware(fixture: &Fixture<'_>) -> NewJob {
    let mut new = waiting_job(fixture);
    let folder = format!("{}/", fixture.name);
    let inputs = &mut new.attributes.files_down;
    inputs.config_id = Some(folder.clone());
    inputs.data_ids = vec![folder.clone()];
    inputs.artifact_ids = vec![folder];
    new.hardware = Hardware {
        cpu_cores: Some(1),
        gpu_model: Some("A100".into()),
        gpu_archi: Some("ampere".into()),
        gpu_mem: Some(1),
        ..new.hardware
    };
    new
}

/// Inputs as the form names files.
fn of_files(fixture: &Fixture<'_>) -> NewJob {
    let mut new = waiting_job(fixture);
    new.job_name = format!("{} für später", fixture.name);
    let inputs = &mut new.attributes.files_down;
    inputs.config_id = Some(format!("{}/{PARAMETERS}", fixture.name));
    inputs.data_ids = vec![format!("{}/spline_calibration_3dcal.mat", fixture.name)];
    inputs.artifact_ids = vec![format!("{}/model_2.pt", fixture.name)];
    new
}

/// Creates a job, and checks that it is what the form says.
async fn create(fixture: &mut Fixture<'_>, new: &NewJob) -> Result<(), Failure> {
    fixture.create_job(new).await?.checked(new)?;
    Ok(())
}

/// The same for a job of an awkward name; a failure says if a plain one is accepted.
async fn named(fixture: &mut Fixture<'_>, new: &NewJob) -> Result<(), Failure> {
    let Err(failure) = create(fixture, new).await else {
        return Ok(());
    };
    let plain = NewJob {
        job_name: format!("{}_files", fixture.name),
        ..new.clone()
    };
    // Boxed because the future is large and seldom needed.
    if Box::pin(create(fixture, &plain)).await.is_err() {
        return Err(failure);
    }
    Err(failure.and(format!(
        "\nthe same job with the name {} is created, so it fails over the spaces or the umlaut in the other (UserAPI, \
         POST /jobs: job_name)",
        plain.job_name
    )))
}

async fn remove(fixture: &mut Fixture<'_>, new: &NewJob) -> Result<(), Failure> {
    fixture.api.delete_job(&new.job_name).await?;
    fixture.created.forget_job(&new.job_name);
    Ok(())
}
