//! The endpoints below `/jobs`.

mod faulty;
mod submission;

use axum::{body::Body, http::StatusCode, response::Response};
use serde_json::{Value, json};

use super::{
    api::UserApi,
    auth::Caller,
    call::Call,
    errors::{ApiError, Flaw, json_answer, no_content},
    validation::{self, Query, path_int},
};
use crate::{
    faults::{Disturbance, Fault, Faults},
    files::{UserFiles, UserPath},
    jobs::{Attributes, CreateError, FilesDown, Hardware, Job, NewJob},
};

use submission::Submission;

type Answer = Result<Response, ApiError>;

/// `GET /jobs/applications`
pub(crate) fn applications(api: &UserApi) -> Response {
    json_answer(StatusCode::OK, api.applications.as_json())
}

/// `GET /jobs`
pub(crate) fn list(api: &UserApi, user: &Caller, call: &Call) -> Answer {
    let query = Query::parse(call.query.as_deref());
    let mut flaws = Vec::new();
    let offset = query.int("offset", 0, &mut flaws);
    let limit = query.int("limit", 100, &mut flaws);
    if limit > 100 && api.faults.disturbed_by(Disturbance::ListOfJobsIsLimited) {
        let loc = [json!("query"), json!("limit")];
        let message = "Input should be less than or equal to 100";
        flaws.push(Flaw::new(
            "less_than_equal",
            &loc,
            message,
            json!(limit.to_string()),
        ));
    }
    if !flaws.is_empty() {
        return Err(ApiError::Invalid(flaws));
    }
    let limit = if api.faults.has(Fault::JobListIgnoresLimit) {
        -1
    } else {
        limit
    };
    let (offset, limit) = faulty::page(offset, limit, &api.faults);
    let mut jobs = api.jobs.list(&user.id, offset, limit)?;
    if limit <= 100 && api.faults.has(Fault::JobPagesOldestFirst) {
        jobs.reverse();
    }
    if api.faults.has(Fault::JobListOfEveryone) {
        for other in others(api, user) {
            jobs.extend(api.jobs.list(other, offset, limit)?);
        }
    }
    let jobs: Vec<Value> = jobs.iter().map(Job::to_json).collect();
    Ok(json_answer(StatusCode::OK, &Value::Array(jobs)))
}

/// `GET /jobs/{id}`
pub(crate) fn get(api: &UserApi, user: &Caller, id: &str) -> Answer {
    let job = find(api, user, id, Fault::JobReadableByOthers)?;
    Ok(json_answer(StatusCode::OK, &job.to_json()))
}

/// The user's own job; another's is as if it were not there, unless the stack has this fault.
fn find(api: &UserApi, user: &Caller, id: &str, fault: Fault) -> Result<Job, ApiError> {
    let id = path_int("job_id", id)?;
    let mut job = api.jobs.get(&user.id, id)?;
    if job.is_none() && api.faults.has(fault) {
        for other in others(api, user) {
            job = job.or(api.jobs.get(other, id)?);
        }
    }
    job.ok_or_else(|| ApiError::detail(StatusCode::NOT_FOUND, "Job not found"))
}

/// All users but this one.
fn others<'a>(api: &'a UserApi, user: &Caller) -> impl Iterator<Item = &'a str> {
    let subs = api
        .cognito
        .accounts()
        .iter()
        .map(|account| account.sub.as_str());
    subs.filter(|sub| *sub != user.id)
}

/// `POST /jobs`
pub(crate) async fn create(api: &UserApi, user: &Caller, call: &Call, body: Body) -> Answer {
    let body = validation::body(&call.headers, &call.read(body).await?)?;
    let body = faulty::form_read(body, &api.faults)?;
    let submission = Submission::read(body.as_ref(), &api.applications, &api.faults)?;
    let is_awkward = !submission.job_name.is_ascii() || submission.job_name.contains(' ');
    if is_awkward && api.faults.has(Fault::JobNameWithSpacesAnswers500) {
        return Err(ApiError::Unhandled);
    }
    let always = api.faults.has(Fault::JobDuplicateNameAccepted);
    if always || api.faults.has(Fault::JobNameFreeAfterEnd) {
        let jobs = api.jobs.list(&user.id, 0, -1)?;
        let is_replaced = |job: &&Job| {
            job.posted.job_name == submission.job_name && (always || job.status.is_final())
        };
        let same = jobs.iter().find(is_replaced);
        same.map(|job| api.jobs.delete(job.key())).transpose()?;
    }
    if api.jobs.is_name_taken(&user.id, &submission.job_name)? {
        return Err(name_taken());
    }
    // The real service runs over lists and hardware without asking whether they are there.
    let files_down = submission.files_down;
    let (Some(data_ids), Some(artifact_ids)) = (files_down.data_ids, files_down.artifact_ids)
    else {
        return Err(ApiError::Unhandled);
    };
    let files_down = FilesDown {
        config_id: files_down.config_id,
        data_ids,
        artifact_ids,
    };
    let files = api.files.of(&user.id);
    files.prepare().await?;
    let refusal = check_inputs(api, user, &files_down).err();
    let files_down = without_artifacts(files_down, &api.faults);
    let refusal = match refusal {
        Some(refusal) if !is_kept(api, user, &files_down) => return Err(refusal),
        refusal => refusal,
    };
    let Some(hardware) = submission.hardware else {
        return Err(ApiError::Unhandled);
    };
    let hardware = enqueued(api, hardware)?;
    let job = NewJob {
        job_name: submission.job_name,
        environment: submission
            .environment
            .filter(|_| !api.faults.has(Fault::JobEnvironmentNotPassedOn)),
        priority: submission.priority,
        application: faulty::run_instead(submission.application, &api.applications, &api.faults),
        attributes: Attributes {
            files_down: faulty::passed_on(files_down, &api.faults),
            env_vars: submission.env_vars,
        },
        hardware,
        user_id: user.id.clone(),
        user_email: user.email.clone(),
    };
    let job = api.jobs.create(&job).map_err(|error| match error {
        CreateError::NameTaken => name_taken(),
        CreateError::Database(error) => error.into(),
    })?;
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let mut told = job.to_json();
    if api.faults.has(Fault::JobIdOfAnother)
        && let Some(oldest) = api.jobs.list(&user.id, 0, -1)?.last()
    {
        told["id"] = oldest.id.into();
    }
    Ok(json_answer(StatusCode::CREATED, &told))
}

/// What the job asks for, once the WorkerAPI has it in its queue. No job is stored before that.
fn enqueued<E>(api: &UserApi, hardware: Result<Hardware, E>) -> Result<Hardware, ApiError> {
    if faulty::is_worker_api_away(&api.faults) {
        return Err(ApiError::Unhandled);
    }
    let (status, text) = match hardware {
        _ if api.faults.has(Fault::WorkerApiRefusesTheKey) => {
            (StatusCode::UNAUTHORIZED, "{\"detail\":\"unauthorized\"}")
        }
        Ok(hardware) => return Ok(hardware),
        Err(_) if api.faults.has(Fault::JobHardwareNotChecked) => return Ok(Hardware::default()),
        // Its database takes numbers of 64 bits.
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
    };
    let id = api.jobs.next_id()?;
    let detail = format!("Error while enqueueing job {id}. Traceback: \n{text}.");
    Err(ApiError::Detail(status, detail))
}

/// The inputs as the job gets them.
fn without_artifacts(mut inputs: FilesDown, faults: &Faults) -> FilesDown {
    if faults.has(Fault::JobArtifactsNotPassedOn) {
        inputs.artifact_ids.clear();
    }
    inputs
}

/// Whether a refused job becomes one all the same: where no more than its data is missing.
fn is_kept(api: &UserApi, user: &Caller, inputs: &FilesDown) -> bool {
    let mut inputs = inputs.clone();
    inputs.data_ids.clear();
    api.faults.has(Fault::JobRefusedIsKept) && check_inputs(api, user, &inputs).is_ok()
}

fn name_taken() -> ApiError {
    ApiError::detail(StatusCode::CONFLICT, "Job name must be unique")
}

/// All inputs must be there; the answer does not say which is not.
fn check_inputs(api: &UserApi, user: &Caller, inputs: &FilesDown) -> Result<(), ApiError> {
    let (files, faults) = (api.files.of(&user.id), &api.faults);
    let mut inputs = inputs.clone();
    if faults.has(Fault::JobMissingDataAccepted) {
        inputs.data_ids.clear();
    }
    if faults.has(Fault::MissingArtifactsAccepted) {
        inputs.artifact_ids.clear();
    }
    if faults.has(Fault::JobChecksFirstInput) {
        inputs.data_ids.truncate(1);
        inputs.artifact_ids.truncate(1);
    }
    let mut all_there = !faults.has(Fault::JobInputsNotFound);
    if faults.has(Fault::JobFolderRefused) {
        all_there = !inputs.paths().iter().any(|path| path.ends_with('/'));
    }
    if faults.has(Fault::JobFileRefused) {
        all_there = faulty::are_folders(&files, &inputs)?;
    }
    for raw in inputs.paths() {
        all_there &= match UserPath::parse(&raw) {
            Some(path) if files.exists(&path)? => true,
            _ => faulty::another_has(api, others(api, user), &raw)?,
        };
    }
    if all_there || faults.has(Fault::JobMissingInputAccepted) {
        Ok(())
    } else {
        Err(ApiError::detail(StatusCode::BAD_REQUEST, ""))
    }
}

/// `DELETE /jobs/{id}`: in any state, with its outputs, without its inputs.
pub(crate) async fn delete(api: &UserApi, user: &Caller, id: &str) -> Answer {
    let job = find(api, user, id, Fault::JobDeletableByOthers)?;
    if api.faults.has(Fault::JobDeleteDeletesNothing) {
        return Ok(no_content());
    }
    if api.faults.has(Fault::RunningJobNotDeleted) && job.status.is_in_hand() {
        return Err(ApiError::detail(
            StatusCode::CONFLICT,
            "Cannot delete a running job",
        ));
    }
    let files = api.files.of(&user.id);
    let outputs = api.jobs.lock_outputs().await;
    api.jobs.delete(job.key())?;
    if !api.faults.has(Fault::JobDeletedOutputsKept) {
        delete_outputs(&files, &job)?;
    }
    if api.faults.has(Fault::JobDeleteRemovesInputs) {
        for input in job.posted.attributes.files_down.paths() {
            if let Some(path) = UserPath::parse(&input) {
                files.delete(&path.as_directory())?;
            }
        }
    }
    if api.faults.has(Fault::DeleteTakesLaterResults) {
        let others = api.jobs.list(&user.id, 0, -1)?;
        faulty::delete_later_results(&files, &job, &others)?;
    }
    drop(outputs);
    Ok(no_content())
}

fn delete_outputs(files: &UserFiles, job: &Job) -> std::io::Result<()> {
    for kind in ["output", "log", "artifact"] {
        // With a slash: without it, an S3 directory would stay.
        if let Some(path) = UserPath::parse(&job.path_out(kind)) {
            files.delete(&path.as_directory())?;
        }
    }
    Ok(())
}
