//! The lock after wrong passwords. Source: Amazon Cognito developer guide, "Things to know about
//! authentication with user pools", "Lockout behavior".

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use crate::{
    database::Database,
    faults::{Fault, Faults},
};

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS cognito_attempts (
    sub          TEXT    NOT NULL PRIMARY KEY,
    failures     INTEGER NOT NULL,
    locked_until INTEGER NOT NULL, -- milliseconds since 1970
    last_attempt INTEGER NOT NULL  -- likewise
);";

/// How many wrong passwords lock an account.
const FAILURES: u32 = 5;

/// How long the fifth one locks it. Each further one locks it for twice as long.
pub const FIRST_LOCK: Duration = Duration::from_secs(1);

/// The longest lock. After as long without an attempt, nothing is remembered.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// The wrong passwords of all accounts.
#[derive(Debug)]
pub(super) struct Attempts {
    database: Database,
    first_lock: Duration,
    faults: Faults,
}

struct State {
    failures: u32,
    locked_until: i64,
}

impl Attempts {
    pub(super) fn open(
        database: Database,
        first_lock: Duration,
        faults: Faults,
    ) -> rusqlite::Result<Self> {
        database.lock().execute_batch(SCHEMA)?;
        Ok(Self {
            database,
            first_lock,
            faults,
        })
    }

    /// Whether the account is locked. An attempt during a lock does not make it longer.
    pub(super) fn is_locked(&self, sub: &str, now: Timestamp) -> rusqlite::Result<bool> {
        let locked = self.state(sub, now)?.locked_until > now.as_millisecond();
        if locked {
            self.database.lock().execute(
                "UPDATE cognito_attempts SET last_attempt = ?2 WHERE sub = ?1",
                params![sub, now.as_millisecond()],
            )?;
        }
        Ok(locked)
    }

    /// Counts a wrong password.
    pub(super) fn failed(&self, sub: &str, now: Timestamp) -> rusqlite::Result<()> {
        let failures = self.state(sub, now)?.failures.saturating_add(1);
        let lock = if self.faults.has(Fault::LockNeverComes) {
            Duration::ZERO
        } else if self.faults.has(Fault::LockNeverEnds) && failures >= FAILURES {
            LONGEST
        } else {
            lock_after(failures, self.first_lock)
        };
        let lock = i64::try_from(lock.as_millis()).unwrap_or(i64::MAX);
        let now = now.as_millisecond();
        self.database
            .lock()
            .execute(
                "REPLACE INTO cognito_attempts VALUES (?1, ?2, ?3, ?4)",
                params![sub, failures, now.saturating_add(lock), now],
            )
            .map(drop)
    }

    /// Forgets the wrong passwords of an account.
    pub(super) fn succeeded(&self, sub: &str) -> rusqlite::Result<()> {
        self.database
            .lock()
            .execute("DELETE FROM cognito_attempts WHERE sub = ?1", [sub])
            .map(drop)
    }

    fn state(&self, sub: &str, now: Timestamp) -> rusqlite::Result<State> {
        let forgotten =
            now.as_millisecond() - i64::try_from(LONGEST.as_millis()).unwrap_or(i64::MAX);
        let state = self
            .database
            .lock()
            .query_row(
                "SELECT failures, locked_until FROM cognito_attempts
                 WHERE sub = ?1 AND last_attempt > ?2",
                params![sub, forgotten],
                |row| {
                    Ok(State {
                        failures: row.get(0)?,
                        locked_until: row.get(1)?,
                    })
                },
            )
            .optional()?;
        Ok(state.unwrap_or(State {
            failures: 0,
            locked_until: 0,
        }))
    }
}

/// How long this many wrong passwords in a row lock an account.
fn lock_after(failures: u32, first: Duration) -> Duration {
    match failures.checked_sub(FAILURES) {
        None => Duration::ZERO,
        Some(further) => first
            .saturating_mul(2_u32.saturating_pow(further))
            .min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn each_wrong_password_after_the_fifth_doubles_the_lock() {
        let locks = (0..20).map(|failures| lock_after(failures, FIRST_LOCK).as_secs());
        let expected = [
            0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900,
        ];
        assert!(locks.eq(expected));
    }

    #[test]
    fn a_lock_ends_and_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("d.sqlite")).unwrap();
        let attempts = Attempts::open(database, FIRST_LOCK, Faults::default()).unwrap();
        let start = Timestamp::now();
        for _ in 0..4 {
            attempts.failed("a", start).unwrap();
        }
        assert!(!attempts.is_locked("a", start).unwrap());
        attempts.failed("a", start).unwrap();
        assert!(attempts.is_locked("a", start).unwrap());
        assert!(attempts.is_locked("a", start + 999.milliseconds()).unwrap());
        assert!(!attempts.is_locked("a", start + 1.second()).unwrap());
        assert!(!attempts.is_locked("b", start).unwrap());
        // The sixth locks for two seconds, and whatever comes in between changes nothing.
        let sixth = start + 5.seconds();
        attempts.failed("a", sixth).unwrap();
        assert!(
            attempts
                .is_locked("a", sixth + 1999.milliseconds())
                .unwrap()
        );
        assert!(!attempts.is_locked("a", sixth + 2.seconds()).unwrap());
        // Fifteen minutes later, the next one is the first.
        let later = sixth + 16.minutes();
        attempts.failed("a", later).unwrap();
        assert!(!attempts.is_locked("a", later).unwrap());
        attempts.succeeded("a").unwrap();
        for _ in 0..5 {
            attempts.failed("a", later).unwrap();
        }
        assert!(attempts.is_locked("a", later).unwrap());
    }
}
