//! All accounts, which the database keeps.

use rusqlite::{Connection, OptionalExtension as _, Params, Row, named_params, params};

use super::account::{Account, Status};
use crate::database::Database;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS cognito_accounts (
    email    TEXT NOT NULL PRIMARY KEY,
    password TEXT NOT NULL,
    groups   TEXT NOT NULL, -- a JSON array
    sub      TEXT NOT NULL UNIQUE
);";

/// The columns that a database of an earlier version lacks. All its accounts are the stack's own.
const ADDED: [(&str, &str); 3] = [
    ("status", "TEXT NOT NULL DEFAULT 'CONFIRMED'"),
    ("attributes", "TEXT NOT NULL DEFAULT '[]'"), // a JSON array
    ("made_up", "INTEGER NOT NULL DEFAULT 1"),
];

/// All accounts.
#[derive(Debug)]
pub(super) struct Accounts {
    database: Database,
    made_up: Vec<Account>,
}

impl Accounts {
    /// Makes the accounts of a new pool.
    pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
        prepare(connection)?;
        Account::made_up().try_for_each(|account| insert(connection, &account, true).map(drop))
    }

    pub(super) fn open(database: Database) -> rusqlite::Result<Self> {
        let made_up = {
            let connection = database.lock();
            prepare(&connection)?;
            select(&connection, "WHERE made_up ORDER BY rowid")?
        };
        Ok(Self { database, made_up })
    }

    /// The accounts that were made with the pool, as they were when it was opened.
    pub(super) fn made_up(&self) -> &[Account] {
        &self.made_up
    }

    /// All accounts, the oldest first.
    pub(super) fn all(&self) -> rusqlite::Result<Vec<Account>> {
        select(&self.database.lock(), "ORDER BY rowid")
    }

    /// The account that `name` signs in to: its address, in any case, or its id.
    pub(super) fn find(&self, name: &str) -> rusqlite::Result<Option<Account>> {
        self.database
            .lock()
            .query_row(
                "SELECT * FROM cognito_accounts WHERE email = ?1 COLLATE NOCASE OR sub = ?1",
                [name],
                from_row,
            )
            .optional()
    }

    /// Adds an account. `false` if its address is taken, whatever its case.
    pub(super) fn add(&self, account: &Account) -> rusqlite::Result<bool> {
        insert(&self.database.lock(), account, false)
    }

    /// Gives the account another password and status.
    pub(super) fn set_password(
        &self,
        sub: &str,
        password: &str,
        status: Status,
    ) -> rusqlite::Result<()> {
        self.update(
            "UPDATE cognito_accounts SET password = ?2, status = ?3 WHERE sub = ?1",
            params![sub, password, status],
        )
    }

    /// The user of this account may sign in from now on.
    pub(super) fn confirm(&self, sub: &str) -> rusqlite::Result<()> {
        self.update(
            "UPDATE cognito_accounts SET status = ?2 WHERE sub = ?1",
            params![sub, Status::Confirmed],
        )
    }

    /// Puts the account into a group, if it is not there yet.
    pub(super) fn join(&self, sub: &str, group: &str) -> rusqlite::Result<()> {
        self.update(
            "UPDATE cognito_accounts SET groups = json_insert(groups, '$[#]', ?2)
             WHERE sub = ?1 AND ?2 NOT IN (SELECT value FROM json_each(groups))",
            [sub, group],
        )
    }

    fn update(&self, sql: &str, params: impl Params) -> rusqlite::Result<()> {
        self.database.lock().execute(sql, params).map(drop)
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(SCHEMA)?;
    for (column, definition) in ADDED {
        let known = connection.column_exists(None, "cognito_accounts", column)?;
        if !known {
            let add = format!("ALTER TABLE cognito_accounts ADD COLUMN {column} {definition}");
            connection.execute_batch(&add)?;
        }
    }
    Ok(())
}

fn insert(connection: &Connection, account: &Account, made_up: bool) -> rusqlite::Result<bool> {
    let added = connection.execute(
        "INSERT INTO cognito_accounts (email, password, groups, sub, status, attributes, made_up)
         SELECT :email, :password, :groups, :sub, :status, :attributes, :made_up
         WHERE NOT EXISTS
             (SELECT 1 FROM cognito_accounts WHERE email = :email COLLATE NOCASE)",
        named_params! {
            ":email": account.email,
            ":password": account.password,
            ":groups": as_json(&account.groups)?,
            ":sub": account.sub,
            ":status": account.status,
            ":attributes": as_json(&account.attributes)?,
            ":made_up": made_up,
        },
    )?;
    Ok(added == 1)
}

fn select(connection: &Connection, which: &str) -> rusqlite::Result<Vec<Account>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM cognito_accounts {which}"))?;
    let rows = statement.query_map([], from_row)?;
    rows.collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Account> {
    Ok(Account {
        email: row.get("email")?,
        password: row.get("password")?,
        groups: from_json(row, "groups")?,
        sub: row.get("sub")?,
        status: row.get("status")?,
        attributes: from_json(row, "attributes")?,
    })
}

fn as_json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn from_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    serde_json::from_str(&row.get::<_, String>(index)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_an_earlier_version_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("d.sqlite")).unwrap();
        let earlier = r#"INSERT INTO cognito_accounts VALUES ('a@b.test', 'x', '["users"]', 'id')"#;
        {
            let connection = database.lock();
            connection.execute_batch(SCHEMA).unwrap();
            connection.execute_batch(earlier).unwrap();
        }
        for _ in 0..2 {
            let accounts = Accounts::open(database.clone()).unwrap();
            let [account] = accounts.made_up() else {
                panic!("one account");
            };
            assert_eq!(account.groups, ["users"]);
            assert_eq!(account.status, Status::Confirmed);
            assert!(account.attributes.is_empty());
        }
    }
}
