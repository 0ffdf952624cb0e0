//! A job as the UserAPI reports it.

mod new_job;
mod numbers;
mod views;
pub mod watch;

use jiff::{SignedDuration, civil::DateTime};
use opencloud_model::{job_state::JobState, leftovers};
use serde::{Deserialize, Serialize};

pub use new_job::{ApplicationId, Attributes, FilesDown, Hardware, NewJob};
use numbers::whole;
use views::difference;

/// A job as the UserAPI reports it, with every member that the frontend shows. Those that are optional may
/// be null, but not missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Its id, which may have belonged to a deleted job before.
    #[serde(deserialize_with = "whole")]
    pub id: i64,
    /// Its name.
    pub job_name: String,
    /// Which workers may take it: `local`, `cloud` or any.
    #[serde(deserialize_with = "Option::deserialize")]
    pub environment: Option<String>,
    /// From 0 to 5.
    #[serde(deserialize_with = "whole")]
    pub priority: i64,
    /// What it runs.
    pub application: ApplicationId,
    /// Its inputs and environment variables.
    pub attributes: Attributes,
    /// The hardware that its worker must have.
    pub hardware: Hardware,
    /// The name of its state, or `error`, or an undocumented text.
    pub status: String,
    /// When it was created.
    pub date_created: String,
    /// When a worker first pulled it.
    #[serde(deserialize_with = "Option::deserialize")]
    pub date_started: Option<String>,
    /// When it was first finished or in error.
    #[serde(deserialize_with = "Option::deserialize")]
    pub date_finished: Option<String>,
    /// The messages of its workers, one a line.
    #[serde(deserialize_with = "Option::deserialize")]
    pub runtime_details: Option<String>,
    /// Where its outputs go.
    pub paths_out: PathsOut,
    /// The id of its user.
    pub user_id: String,
    /// The address of its user.
    #[serde(deserialize_with = "Option::deserialize")]
    pub user_email: Option<String>,
}

/// Where a job's outputs go: full paths without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathsOut {
    /// Results.
    pub output: String,
    /// Logs.
    pub log: String,
    /// Models and their files.
    pub artifact: String,
}

impl PathsOut {
    /// The paths for a job of that name.
    #[must_use]
    pub fn of(job_name: &str) -> Self {
        let path = |directory| format!("{directory}/{job_name}");
        Self {
            output: path("output"),
            log: path("log"),
            artifact: path("artifact"),
        }
    }

    /// The three directories, each with a trailing slash.
    #[must_use]
    pub fn directories(&self) -> [String; 3] {
        [&self.output, &self.log, &self.artifact].map(|path| format!("{path}/"))
    }
}

impl Job {
    /// Checks that a page can ask for the job: JavaScript rounds whole numbers beyond 2^53 - 1.
    pub fn check_id(&self) -> Result<(), String> {
        if self.id.unsigned_abs() > LARGEST_ID {
            return Err(format!(
                "its id is beyond {LARGEST_ID}: JavaScript rounds it, and the page asks for another job"
            ));
        }
        Ok(())
    }

    /// Checks that a new job is queued, is what was `asked` for, and was created `now` (UTC). Ten minutes
    /// of difference between two clocks are accepted. The error says what is wrong.
    pub fn check_created(&self, asked: &NewJob, now: DateTime) -> Result<(), String> {
        let first = JobState::Queued.name();
        if self.status != first {
            return Err(format!(
                "a new job is {:?} instead of {first:?}",
                self.status
            ));
        }
        let created = naive("date_created", &self.date_created)?;
        if now.duration_since(created).abs() > CLOCKS_DIFFER {
            return Err(format!(
                "a new job's date_created is {}, but it is {now} (UTC): {}",
                self.date_created,
                wrong_time(now.duration_since(created))
            ));
        }
        let expected = Self {
            job_name: asked.job_name.clone(),
            environment: asked.environment.map(str::to_owned),
            priority: asked.priority.unwrap_or_default().into(),
            application: asked.application.clone(),
            attributes: asked.attributes.clone(),
            hardware: asked.hardware.clone(),
            date_started: None,
            date_finished: None,
            // A page shows an empty text as it shows none.
            runtime_details: self.runtime_details.clone().filter(String::is_empty),
            paths_out: PathsOut::of(&asked.job_name),
            ..self.clone()
        };
        self.check_same(
            "in the new job",
            &expected,
            "was asked for or is the default",
        )
    }

    /// Checks that two answers show the same job alike, both while it does not change. `here` and `there`
    /// say where each is shown. The error names the member that differs.
    pub fn check_same(&self, here: &str, other: &Self, there: &str) -> Result<(), String> {
        self.compare(here, other, there, &[])
    }

    /// Checks that a job is still what it was `before`, but for the members that change with its state. The
    /// start stays as it is once it is set, as the recorded UserAPI has it.
    pub fn check_still(&self, before: &Self) -> Result<(), String> {
        self.compare("now", before, "before", &CHANGING)?;
        // What is wrong then is told at the end.
        if self.date_finished.is_some() && self.date_started > self.date_finished {
            return Ok(());
        }
        match (&before.date_started, &self.date_started) {
            (Some(before), Some(now)) if now != before => Err(format!(
                "job {}: date_started was {before}, and is {now} now, but stays once it is set",
                self.id
            )),
            _ => Ok(()),
        }
    }

    fn compare(
        &self,
        here: &str,
        other: &Self,
        there: &str,
        ignored: &[&str],
    ) -> Result<(), String> {
        difference((here, self), (there, other), ignored).map_or(Ok(()), |difference| {
            Err(format!("job {}: {difference}", self.id))
        })
    }

    /// Checks that the job has the dates of its state. A worker that has reported something may have
    /// reported an error that nobody saw, or its timeout: then the dates are not those of the state. A
    /// job that is postprocessing may have failed before, without a word even.
    pub fn check_dates(&self) -> Result<(), String> {
        let in_hand = JobState::ALL
            .into_iter()
            .filter(|state| ![JobState::Queued, JobState::Finished].contains(state))
            .any(|state| state.name() == self.status);
        let is_queued = self.status == JobState::Queued.name();
        let reported = self
            .runtime_details
            .as_deref()
            .is_some_and(|details| !details.is_empty());
        let state = &self.status;
        match (&self.date_started, &self.date_finished) {
            (Some(date), _) if is_queued && !reported => Err(format!(
                "the job is {state}, but date_started is {date} already"
            )),
            (None, _) if in_hand => Err(format!(
                "the job is {state}, but has no date_started, which is set when a worker first pulls it"
            )),
            (_, Some(date))
                if (in_hand || is_queued)
                    && self.status != JobState::Postprocessing.name()
                    && !reported =>
            {
                Err(format!(
                    "the job is {state}, but date_finished is {date} already"
                ))
            }
            _ => Ok(()),
        }
    }

    /// Checks that a job that has finished or failed has naive UTC dates with `date_created <= date_started <=
    /// date_finished <= now`. Ten minutes of difference between two clocks are accepted. The error says
    /// what is wrong.
    pub fn check_finished(&self, now: DateTime) -> Result<(), String> {
        let dates = [
            ("date_created", Some(&self.date_created)),
            ("date_started", self.date_started.as_ref()),
            ("date_finished", self.date_finished.as_ref()),
        ];
        let mut previous: Option<(DateTime, String)> = None;
        for (name, value) in dates {
            let value = value.ok_or_else(|| {
                let status = &self.status;
                format!("the job is {status}, but has no {name} (UserAPI, PUT /_job_status)")
            })?;
            let (date, text) = (naive(name, value)?, format!("{name} {value}"));
            if let Some((_, earlier)) = previous.filter(|(earlier, _)| *earlier > date) {
                return Err(format!(
                    "{earlier} comes after {text} (UserAPI, what sets these dates, and the clocks of its instances)"
                ));
            }
            let ahead = date.duration_since(now);
            if ahead > CLOCKS_DIFFER {
                return Err(format!(
                    "{text} is yet to come, it is {now} (UTC): {}",
                    wrong_time(ahead)
                ));
            }
            previous = Some((date, text));
        }
        Ok(())
    }
}

/// The status of a job that has failed, which is not a state of its flow.
pub(crate) const FAILED: &str = "error";

/// The largest integer of which JavaScript knows each neighbour (`Number.MAX_SAFE_INTEGER`).
const LARGEST_ID: u64 = (1 << 53) - 1;

/// How far two clocks may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// What a date may be that is this far off.
fn wrong_time(off: SignedDuration) -> &'static str {
    // No time zone is further from UTC, and no two are nearer to each other than the half of an hour.
    let most = SignedDuration::from_hours(14) + CLOCKS_DIFFER;
    if off.abs() < SignedDuration::from_mins(25) {
        "is the UserAPI's clock wrong?"
    } else if off.abs() < most {
        "is that local time?"
    } else {
        "is its clock wrong, or was the date set when it started?"
    }
}

/// The members that change with a job's state.
const CHANGING: [&str; 4] = ["status", "date_started", "date_finished", "runtime_details"];

/// A user as tokens and jobs name them.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The id, which also names the user's directory.
    pub id: String,
    /// The e-mail address.
    pub email: String,
}

impl Owner {
    /// Checks that all jobs of a list are this user's. The error names the other user.
    pub fn check(&self, jobs: &[Job]) -> Result<(), String> {
        let is_ours = |job: &&Job| {
            let email = job.user_email.as_deref().unwrap_or(&self.email);
            // A pool may take an address in any case, and tell it as it was registered. A user may have had another
            // one when an older job was created.
            let is_of_a_run = job.job_name.starts_with(leftovers::PREFIX);
            job.user_id == self.id && (email.eq_ignore_ascii_case(&self.email) || !is_of_a_run)
        };
        let Some(job) = jobs.iter().find(|job| !is_ours(job)) else {
            return Ok(());
        };
        let is_same = |email: &str| email.eq_ignore_ascii_case(&self.email);
        if job.user_email.as_deref().is_some_and(is_same) {
            return Err(format!(
                "job {} ({}) of {} has user_id {:?}, and the id in its user's token is {:?} (UserAPI, user_id \
                 of its jobs: cognito:username)",
                job.id, job.job_name, self.email, job.user_id, self.id
            ));
        }
        let email = job.user_email.as_deref().unwrap_or("without an address");
        if job.user_id == self.id {
            return Err(format!(
                "job {} ({}) has user_email {email}, and its user's address is {} (UserAPI, user_email of its \
                 jobs)",
                job.id, job.job_name, self.email
            ));
        }
        Err(format!(
            "the list of {} holds job {} ({}) of another user, {email} (id {}; UserAPI, GET /jobs: \
             select by the caller's id)",
            self.email, job.id, job.job_name, job.user_id
        ))
    }
}

/// Reads `2026-01-31T09:30:00` with or without a fraction. An offset or a `Z` is not documented, and
/// the frontend would read it as another time.
fn naive(name: &str, value: &str) -> Result<DateTime, String> {
    let documented = value.len() >= 19
        && value.as_bytes()[10] == b'T'
        && value[10..]
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, 'T' | ':' | '.'));
    let date = value.parse().ok().filter(|_| documented);
    date.ok_or_else(|| {
        format!("{name} is {value:?}, not a naive UTC date like 2026-01-31T09:30:00.123456")
    })
}

#[cfg(test)]
mod tests;
