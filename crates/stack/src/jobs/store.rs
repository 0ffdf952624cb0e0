//! The table of jobs, which is the queue as well.

mod rows;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, named_params};
use tokio::sync::watch;

use self::rows::from_row;
use super::{
    job::{Job, JobKey, NewJob},
    status::JobStatus,
};
use crate::database::{Database, written_row};

/// The memory of the machines that the workers run on, in megabytes. A job that asks for more stays
/// in the queue.
const MEMORY: i64 = 64_000;

/// A change of a job's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateChange {
    /// The job's id; another job may get it once this one is deleted.
    pub job_id: i64,
    /// The job's name.
    pub job_name: String,
    /// Its new status.
    pub status: JobStatus,
    /// When, by the date that the database has.
    pub at: SystemTime,
}

/// All jobs; clones share them.
#[derive(Clone, Debug)]
pub(crate) struct JobStore {
    database: Database,
    changes: Arc<Mutex<Vec<StateChange>>>,
    /// Counts the changes, so that workers notice each.
    counter: Arc<watch::Sender<u64>>,
    /// Held while a job's outputs are written, and while a job is deleted with its outputs: outputs
    /// that are written after the deletion would stay for ever.
    outputs: Arc<tokio::sync::Mutex<()>>,
}

/// Why a job was not created.
#[derive(Debug)]
pub(crate) enum CreateError {
    /// The user has another job of this name.
    NameTaken,
    /// The database failed.
    Database(rusqlite::Error),
}

// A plain primary key, so that SQLite gives the highest free id: the id of a deleted last job is
// used again, as in the real service.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS jobs (
    id              INTEGER PRIMARY KEY,
    user_id         TEXT    NOT NULL,
    user_email      TEXT,
    job_name        TEXT    NOT NULL,
    environment     TEXT,
    priority        INTEGER NOT NULL,
    application     TEXT    NOT NULL,
    attributes      TEXT    NOT NULL,
    hardware        TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    date_created    INTEGER NOT NULL,
    date_started    INTEGER,
    date_finished   INTEGER,
    runtime_details TEXT,
    UNIQUE (user_id, job_name)
);";

type Result<T> = rusqlite::Result<T>;

impl JobStore {
    /// Opens the table. Jobs that a worker of an earlier run had taken are queued again.
    pub(crate) fn open(database: Database) -> Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        let store = Self {
            database,
            changes: Arc::default(),
            counter: Arc::new(watch::Sender::new(0)),
            outputs: Arc::default(),
        };
        for job in store.in_hand()? {
            store.advance(job, JobStatus::Queued, "")?;
        }
        Ok(store)
    }

    fn in_hand(&self) -> Result<Vec<JobKey>> {
        let connection = self.database.lock();
        let mut statement = connection.prepare("SELECT * FROM jobs")?;
        let jobs = statement
            .query_map([], from_row)?
            .collect::<Result<Vec<_>>>()?;
        let in_hand = jobs.iter().filter(|job| job.status.is_in_hand());
        Ok(in_hand.map(Job::key).collect())
    }

    /// Whether the user has a job of this name.
    pub(crate) fn is_name_taken(&self, user_id: &str, job_name: &str) -> Result<bool> {
        self.database.lock().query_row(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE user_id = ?1 AND job_name = ?2)",
            [user_id, job_name],
            |row| row.get(0),
        )
    }

    /// Puts a job into the queue.
    pub(crate) fn create(&self, job: &NewJob) -> std::result::Result<Job, CreateError> {
        let connection = self.database.lock();
        let at = Timestamp::now();
        let job =
            rows::insert(&connection, job, at.as_microsecond()).map_err(|error| {
                match error.sqlite_error_code() {
                    Some(ErrorCode::ConstraintViolation) => CreateError::NameTaken,
                    _ => CreateError::Database(error),
                }
            })?;
        self.note(job.id, &job.posted.job_name, JobStatus::Queued, at);
        Ok(job)
    }

    /// The id that the next job will get.
    pub(crate) fn next_id(&self) -> Result<i64> {
        let next = "SELECT coalesce(max(id), 0) + 1 FROM jobs";
        self.database.lock().query_row(next, [], |row| row.get(0))
    }

    /// A page of a user's jobs, the newest first.
    ///
    /// The page is cut before it is sorted, and cut in the order in which SQLite walks the unique
    /// index on user and name: by name. A negative limit is none, a negative offset is zero.
    pub(crate) fn list(&self, user_id: &str, offset: i64, limit: i64) -> Result<Vec<Job>> {
        let connection = self.database.lock();
        let mut statement = connection.prepare_cached(
            "SELECT * FROM jobs WHERE user_id = ?1 ORDER BY job_name LIMIT ?2 OFFSET ?3",
        )?;
        let page = statement.query_map((user_id, limit, offset), from_row)?;
        let mut jobs = page.collect::<Result<Vec<_>>>()?;
        jobs.sort_by_key(|job| std::cmp::Reverse(job.date_created));
        Ok(jobs)
    }

    /// A user's job.
    pub(crate) fn get(&self, user_id: &str, id: i64) -> Result<Option<Job>> {
        self.database
            .lock()
            .prepare_cached("SELECT * FROM jobs WHERE id = ?1 AND user_id = ?2")?
            .query_row((id, user_id), from_row)
            .optional()
    }

    /// Deletes a job; says whether it existed.
    pub(crate) fn delete(&self, job: JobKey) -> Result<bool> {
        let deleted = self.database.lock().execute(
            "DELETE FROM jobs WHERE id = ?1 AND date_created = ?2",
            (job.id, job.created),
        )?;
        self.wake();
        Ok(deleted > 0)
    }

    /// Prevents any other task from writing or deleting outputs while the guard lives.
    pub(crate) async fn lock_outputs(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.outputs.lock().await
    }

    /// Whether the job still exists.
    pub(crate) fn exists(&self, job: JobKey) -> Result<bool> {
        self.database.lock().query_row(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE id = ?1 AND date_created = ?2)",
            (job.id, job.created),
            |row| row.get(0),
        )
    }

    /// Takes the job that is next for a worker of `environment` (`None`: of any), among those that have
    /// been in the queue for `wait`: the highest priority, then the oldest. It gets each status of `to` at
    /// once, so that clients see only the last one.
    pub(crate) fn pull(
        &self,
        environment: Option<&str>,
        wait: Duration,
        to: &[JobStatus],
    ) -> Result<Option<Job>> {
        let connection = self.database.lock();
        let next = connection
            .prepare_cached(
                "SELECT * FROM jobs
                 WHERE status = ?4 AND (?1 IS NULL OR environment = ?1 OR environment IS NULL)
                       AND coalesce(json_extract(hardware, '$.memory'), 0) <= ?3
                       AND date_created <= ?2
                 ORDER BY priority DESC, date_created, id LIMIT 1",
            )?
            .query_row(
                (
                    environment,
                    now().saturating_sub(micros(wait)),
                    MEMORY,
                    JobStatus::Queued.name(),
                ),
                from_row,
            )
            .optional()?;
        if let Some(job) = &next {
            for status in to {
                self.set_status(&connection, job.key(), *status, "")?;
            }
        }
        Ok(next)
    }

    /// How long it is until a job will have been in the queue of `environment` (`None`: of any) for
    /// `wait`; `None` if none is in it.
    pub(crate) fn next_due(
        &self,
        environment: Option<&str>,
        wait: Duration,
    ) -> Result<Option<Duration>> {
        let oldest: Option<i64> = self.database.lock().query_row(
            "SELECT min(date_created) FROM jobs
             WHERE status = ?3 AND (?1 IS NULL OR environment = ?1 OR environment IS NULL)
                   AND coalesce(json_extract(hardware, '$.memory'), 0) <= ?2",
            (environment, MEMORY, JobStatus::Queued.name()),
            |row| row.get(0),
        )?;
        Ok(oldest.map(|created| {
            let due = created.saturating_add(micros(wait));
            Duration::from_micros(u64::try_from(due - now()).unwrap_or(0))
        }))
    }

    /// Sets a job's status; `false` if the job was deleted.
    pub(crate) fn advance(&self, job: JobKey, to: JobStatus, details: &str) -> Result<bool> {
        self.set_status(&self.database.lock(), job, to, details)
    }

    /// The dates are set once and stay. Details are added to those that are there, each after a
    /// line break; empty ones do not count.
    fn set_status(
        &self,
        connection: &Connection,
        job: JobKey,
        to: JobStatus,
        details: &str,
    ) -> Result<bool> {
        let at = Timestamp::now();
        let starts = to == JobStatus::Pulled;
        let ends = to.is_final();
        let mut statement = connection.prepare_cached(
            "UPDATE jobs SET
                     status = :status,
                     date_started = coalesce(date_started, iif(:starts, :now, NULL)),
                     date_finished = coalesce(date_finished, iif(:ends, :now, NULL)),
                     runtime_details = iif(:details = '', runtime_details,
                                           coalesce(runtime_details, '') || char(10) || :details)
                 WHERE id = :id AND date_created = :created
                 RETURNING job_name",
        )?;
        let name: Option<String> = written_row(
            &mut statement,
            named_params! {
                ":status": to.name(),
                ":starts": starts,
                ":ends": ends,
                ":now": at.as_microsecond(),
                ":details": details,
                ":id": job.id,
                ":created": job.created,
            },
            |row| row.get(0),
        )?;
        if let Some(name) = &name {
            self.note(job.id, name, to, at);
        }
        Ok(name.is_some())
    }

    fn note(&self, job_id: i64, job_name: &str, status: JobStatus, at: Timestamp) {
        let change = StateChange {
            job_id,
            job_name: job_name.to_owned(),
            status,
            at: at.into(),
        };
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.push(change);
        drop(changes);
        self.wake();
    }

    fn wake(&self) {
        self.counter.send_modify(|count| *count += 1);
    }

    /// Every change of a job's status since the store was opened, in order.
    pub(crate) fn state_changes(&self) -> Vec<StateChange> {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        changes.clone()
    }

    /// Reports every change from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.counter.subscribe()
    }
}

/// In microseconds since 1970.
fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
