//! Jobs of every application, with inputs that its program accepts.

use opencloud_stack::{
    JobStatus::{Error, Finished},
    Stack,
};
use serde_json::{Value, json};

use super::session::{PARAMETERS, Session, job, wait_for};

/// Application, version and entry point.
pub type Names = [&'static str; 3];

pub const TRAIN: Names = ["decode", "v0_10_1", "train"];
pub const FIT: Names = ["decode", "v0_10_1", "fit"];
pub const LATEST: Names = ["decode", "latest", "train"];
pub const COMET: Names = ["comet", "latest", "run"];

/// A file of an input directory: its kind, its name and its content.
pub type File = (&'static str, &'static str, &'static [u8]);

const COMET_PARAMETERS: &[u8] = b"dataset_dimension: 2\nsegmentation_method: time\n\
    segmentation_parameter: 3\nmax_drift_nm: 9.0\ninitial_gaussian_scale_nm: 9.0\n";

/// The inputs that the program accepts.
pub fn inputs(names: Names) -> Vec<File> {
    match names {
        TRAIN => vec![
            ("config", "p.yaml", PARAMETERS),
            ("data", "c.mat", b"MATLAB"),
        ],
        FIT => vec![
            ("config", "meta.yaml", PARAMETERS),
            ("data", "f.tiff", b"II*\0 frames"),
        ],
        LATEST => vec![
            ("config", "conf_run.yaml", PARAMETERS),
            ("data", "a_trafo.mat", b"MATLAB"),
            ("data", "b_3dcal.mat", b"MATLAB"),
        ],
        _ => vec![
            ("config", "p.yaml", COMET_PARAMETERS),
            (
                "data",
                "l.csv",
                b"\"frame\",\"x [nm]\",\"y [nm]\",\"z [nm]\"\n1,2,3,4\n",
            ),
        ],
    }
}

/// A job of that name, whose inputs lie in directories of the same name.
pub fn job_of(name: &str, [application, version, entrypoint]: Names, artifacts: &[&str]) -> Value {
    let mut job = job(name);
    job["application"] =
        json!({"application": application, "version": version, "entrypoint": entrypoint});
    job["attributes"]["files_down"] =
        json!({"config_id": name, "data_ids": [name], "artifact_ids": artifacts});
    job
}

/// Uploads the files, runs the job and returns it as it is shown at its end.
pub async fn run_on(
    stack: &Stack,
    user: &Session,
    name: &str,
    files: &[File],
    (names, artifacts): (Names, &[&str]),
) -> Value {
    for (kind, file, content) in files {
        let uploaded = user.upload(&format!("{kind}/{name}"), file, content).await;
        assert!(matches!(uploaded.status, 201 | 204), "{}", uploaded.text());
    }
    let id = user.submit(&job_of(name, names, artifacts)).await;
    wait_for(stack, |changes| {
        let of_job = changes.iter().filter(|change| change.job_name == name);
        let states: Vec<_> = of_job.map(|change| change.status).collect();
        let errors = states.iter().filter(|state| **state == Error).count();
        // A container that fails is reported twice; an input that is missing, once.
        let fetched = states.contains(&opencloud_stack::JobStatus::Running);
        states.contains(&Finished) || errors == 1 + usize::from(fetched)
    })
    .await;
    user.job(id).await
}

/// Like [`run_on`], with inputs that the program accepts.
pub async fn run(
    stack: &Stack,
    user: &Session,
    name: &str,
    names: Names,
    artifacts: &[&str],
) -> Value {
    run_on(stack, user, name, &inputs(names), (names, artifacts)).await
}

/// The paths of all outputs.
pub async fn outputs(user: &Session) -> Vec<String> {
    let mut all = Vec::new();
    for kind in ["artifact", "log", "output"] {
        all.extend(user.paths(kind).await);
    }
    all
}
