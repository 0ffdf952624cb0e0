//! A job as a row of the table.

use jiff::Timestamp;
use rusqlite::{Connection, Result, Row, named_params, types::Type};
use serde::de::DeserializeOwned;

use crate::{
    database::written_row,
    jobs::{
        job::{Job, NewJob},
        status::JobStatus,
    },
};

/// Writes a new job, and gives it as it is written.
pub(super) fn insert(connection: &Connection, job: &NewJob, now: i64) -> Result<Job> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO jobs (user_id, user_email, job_name, environment, priority, application,
                           attributes, hardware, status, date_created)
         VALUES (:user_id, :user_email, :job_name, :environment, :priority, :application,
                 :attributes, :hardware, :status, :now)
         RETURNING *",
    )?;
    let inserted = written_row(
        &mut statement,
        named_params! {
            ":user_id": job.user_id,
            ":user_email": job.user_email,
            ":job_name": job.job_name,
            ":environment": job.environment,
            ":priority": job.priority,
            ":application": to_text(&job.application),
            ":attributes": to_text(&job.attributes),
            ":hardware": to_text(&job.hardware),
            ":status": JobStatus::Queued.name(),
            ":now": now,
        },
        from_row,
    )?;
    inserted.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn to_text(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("a job's parts are plain data")
}

pub(super) fn from_row(row: &Row<'_>) -> Result<Job> {
    let date = |column: &str| -> Result<Option<Timestamp>> {
        let micros: Option<i64> = row.get(column)?;
        Ok(micros.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
    };
    let status: String = row.get("status")?;
    Ok(Job {
        id: row.get("id")?,
        date_created: date("date_created")?.unwrap_or_default(),
        date_started: date("date_started")?,
        date_finished: date("date_finished")?,
        status: JobStatus::from_name(&status).unwrap_or(JobStatus::Error),
        runtime_details: row.get("runtime_details")?,
        posted: NewJob {
            job_name: row.get("job_name")?,
            environment: row.get("environment")?,
            priority: row.get("priority")?,
            application: parsed(row, "application")?,
            attributes: parsed(row, "attributes")?,
            hardware: parsed(row, "hardware")?,
            user_id: row.get("user_id")?,
            user_email: row.get("user_email")?,
        },
    })
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
}
