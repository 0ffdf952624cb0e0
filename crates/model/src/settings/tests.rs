use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;
use crate::job_state::JobState;

fn running(limits: Limits) -> Duration {
    let mut waits = limits.waits();
    waits
        .find(|(state, _)| *state == JobState::Running)
        .unwrap()
        .1
}

fn read(dotenv: &str) -> Result<Settings, SettingsError> {
    Settings::read(Some(dotenv), [])
}

#[track_caller]
fn error(dotenv: &str) -> String {
    read(dotenv).unwrap_err().to_string()
}

#[test]
fn without_any_setting_the_embedded_stack_is_meant() {
    let settings = Settings::read(None, []).unwrap();
    assert_eq!(settings.environment, Environment::Embedded);
    assert_eq!(settings.user_api, "http://localhost:8000");
    assert_eq!(settings.frontend, "http://localhost:8080");
    assert!(settings.account.is_none());
    let waits: Vec<_> = settings.limits.waits().collect();
    assert_eq!(waits.len(), 5);
    assert!(waits.contains(&(JobState::Postprocessing, Duration::from_secs(1800))));
}

#[test]
fn the_account_is_that_of_the_environment() {
    let both = "EMAIL=a@x\nPASSWORD=1\nTEST_EMAIL=b@x\nTEST_PASSWORD=' 2'\n";
    let email = |environment: &str| {
        let settings = read(&format!("{both}ENVIRONMENT={environment}")).unwrap();
        let account = settings.account.unwrap();
        (account.email, account.password.expose_secret().to_owned())
    };
    assert_eq!(email("local"), ("a@x".into(), "1".into()));
    assert_eq!(email("Prod"), ("b@x".into(), " 2".into()));
}

#[test]
fn the_frontend_is_that_of_the_environment_unless_told_otherwise() {
    let account = "EMAIL=a@x\nPASSWORD=1\nTEST_EMAIL=b@x\nTEST_PASSWORD=2\n";
    let frontend = |rest: &str| read(&format!("{account}{rest}")).unwrap().frontend;
    for (environment, origin) in [
        ("embedded", "http://localhost:8080"),
        ("local", "http://localhost:8080"),
        ("dev", "https://ries-lab.github.io"),
        ("prod", "https://ries-lab.github.io"),
    ] {
        assert_eq!(frontend(&format!("ENVIRONMENT={environment}")), origin);
    }
    assert_eq!(
        frontend("ENVIRONMENT=prod\nFRONTEND_URL=http://localhost:9000"),
        "http://localhost:9000"
    );
}

#[test]
fn what_was_told_wins_over_the_file() {
    let told = [("ENVIRONMENT".to_owned(), "embedded".to_owned())];
    let settings = Settings::read(Some("ENVIRONMENT=nonsense"), told).unwrap();
    assert_eq!(settings.environment, Environment::Embedded);
}

#[test]
fn an_environment_that_needs_an_account_says_which_key_is_missing() {
    let no_file = Settings::read(None, [("ENVIRONMENT".into(), "dev".into())]).unwrap_err();
    assert_eq!(
        no_file.to_string(),
        "there is no .env file, and environment dev needs an account: copy .env.example to .env \
         and fill in TEST_EMAIL and TEST_PASSWORD"
    );
    assert_eq!(
        error("ENVIRONMENT=local\nPASSWORD=x"),
        "EMAIL is missing or empty in .env: environment local needs it"
    );
    assert_eq!(
        error("ENVIRONMENT=prod\nTEST_EMAIL=a@x\nTEST_PASSWORD="),
        "TEST_PASSWORD is missing or empty in .env: environment prod needs it"
    );
}

#[test]
fn unknown_choices_list_the_known_ones() {
    assert_eq!(
        error("ENVIRONMENT=staging"),
        "ENVIRONMENT=staging is unknown: it can be embedded, local, dev or prod"
    );
    assert_eq!(
        error("WORKER=x"),
        "WORKER=x is unknown: it can be local or cloud"
    );
    assert_eq!(
        error("DEVICE=tpu"),
        "DEVICE=tpu is unknown: it can be cpu or gpu"
    );
}

#[test]
fn the_local_stack_has_neither_cloud_workers_nor_a_gpu() {
    let local = "ENVIRONMENT=local\nEMAIL=a@x\nPASSWORD=1\n";
    assert!(
        error(&format!("{local}WORKER=cloud"))
            .starts_with("environment local cannot be tested with WORKER=cloud")
    );
    assert!(error(&format!("{local}DEVICE=gpu")).contains("DEVICE=gpu"));
}

#[test]
fn urls_need_a_scheme_and_may_end_in_a_slash() {
    assert_eq!(
        read("USERFACING_API_URL=https://api.example.org/v1/")
            .unwrap()
            .user_api,
        "https://api.example.org/v1"
    );
    assert_eq!(
        read("FRONTEND_URL=http://localhost:9000/")
            .unwrap()
            .frontend,
        "http://localhost:9000"
    );
    assert_eq!(
        error("USERFACING_API_URL=localhost:8000"),
        "USERFACING_API_URL=localhost:8000 is not an usable URL: it must start with http:// or https://"
    );
    assert!(error("FRONTEND_URL=https://example.org/app").contains("without a path"));
    assert!(error("USERFACING_API_URL=http://").contains("empty host"));
    assert!(!error("USERFACING_API_URL=http://me:hunter2@host").contains("hunter2"));
}

#[test]
fn limits_are_durations_greater_than_zero() {
    let limit = |value: &str| {
        read(&format!("TIME_LIMIT_RUNNING={value}")).map(|settings| running(settings.limits))
    };
    assert_eq!(limit("90").unwrap(), Duration::from_secs(90));
    assert_eq!(limit("1h 30m").unwrap(), Duration::from_secs(5400));
    assert_eq!(limit("250ms").unwrap(), Duration::from_millis(250));
    for bad in [
        "0",
        "-1",
        "soon",
        "1e300",
        "NaN",
        "8d",
        "18446744073709551615",
    ] {
        assert_eq!(
            limit(bad).unwrap_err().to_string(),
            format!(
                "TIME_LIMIT_RUNNING={bad} is not a duration: write it as 90s, 10m or 1h 30m, from 1ms up to 7d"
            )
        );
    }
}

#[test]
fn the_transfer_has_a_size_in_megabytes() {
    let size =
        |value: &str| read(&format!("TRANSFER_MEGABYTES={value}")).map(|s| s.transfer_megabytes);
    assert_eq!(size("").unwrap(), 5);
    assert_eq!(size("200").unwrap(), 200);
    assert!(
        size("5001")
            .unwrap_err()
            .to_string()
            .contains("from 2 to 5000")
    );
    // These are so small that the check of wasm memory would be about nothing.
    assert!(size("0").is_err() && size("1").is_err());
    assert!(size("5 MB").is_err());
}

#[test]
fn the_example_is_sound_and_gives_every_default() {
    let example = read(include_str!("../../../../.env.example")).unwrap();
    let default = Settings::read(None, []).unwrap();
    assert_eq!(format!("{example:?}"), format!("{default:?}"));
}

#[test]
fn the_example_is_the_table() {
    // UPDATE_EXPECT=1 writes it anew.
    expect_test::expect_file!["../../../../.env.example"].assert_eq(&table::example());
}

#[test]
fn every_key_stands_once_and_secrets_are_known_by_their_names_too() {
    let mut keys = std::collections::HashSet::new();
    for setting in table::all() {
        assert!(keys.insert(setting.key), "{} stands twice", setting.key);
        if setting.kind != Kind::Secret {
            assert!(!crate::redact::is_secret_setting(setting.key));
        }
    }
}

#[test]
fn no_secret_shows_in_debug() {
    let settings = read("EMAIL=a@x\nPASSWORD=hunter2").unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
}

#[test]
fn the_environment_decides_which_applications_are_tested_unless_some_are_chosen() {
    let read = |environment: &str, applications: &str| {
        let account = "EMAIL=a@b.c\nPASSWORD=x\nTEST_EMAIL=a@b.c\nTEST_PASSWORD=x";
        let text = format!("{account}\nENVIRONMENT={environment}\nAPPLICATIONS={applications}");
        Settings::read(Some(&text), []).unwrap().applications
    };
    assert_eq!(read("embedded", ""), ApplicationChoice::All);
    for environment in ["local", "dev", "prod"] {
        assert_eq!(read(environment, "").names(), ["decode_v0_10_1_train"]);
        assert_eq!(read(environment, "all"), ApplicationChoice::All);
        assert_eq!(read(environment, "a, b").names(), ["a", "b"]);
    }
    let some = read("embedded", "comet_latest_run");
    assert!(some.includes("comet_latest_run") && !some.includes("decode_v0_10_1_train"));
}

#[test]
fn an_account_has_an_address_and_a_password_and_tells_neither() {
    let swapped = error("SECOND_EMAIL=Hunter2-\nSECOND_PASSWORD=b@x");
    assert_eq!(
        swapped,
        "SECOND_EMAIL is not an e-mail address; are SECOND_EMAIL and SECOND_PASSWORD in each other's place?"
    );
    assert_eq!(
        error("SECOND_EMAIL=b@x"),
        "SECOND_PASSWORD is missing or empty, but SECOND_EMAIL is set: an account needs both"
    );
    assert!(error("SCRATCH_PASSWORD=1").starts_with("SCRATCH_EMAIL is missing or empty"));
}

#[test]
fn tokens_are_written_as_such() {
    let account = "EMAIL=a@x\nPASSWORD=1\n";
    assert!(
        read(&format!(
            "{account}EXPIRED_TOKEN=a-b.c_d.e\nOTHER_CLIENT_TOKEN=a.b.c"
        ))
        .is_ok()
    );
    for token in [
        "Bearer a.b.c",
        "a.b",
        "a..c",
        "\u{43a}\u{43b}.b.c",
        "\"a.b\n.c\"",
    ] {
        let error = error(&format!("{account}EXPIRED_TOKEN={token}"));
        assert!(
            error.starts_with("EXPIRED_TOKEN is not JSON Web Token"),
            "{error}"
        );
        assert!(!error.contains(token), "{error}");
    }
}

#[test]
fn an_answer_has_a_second_at_least() {
    assert!(read("TIME_LIMIT_ANSWER=1").is_ok());
    let error = error("TIME_LIMIT_ANSWER=20ms");
    assert!(error.ends_with("1h 30m, from 1s up to 7d"), "{error}");
}

#[test]
fn an_account_must_be_in_the_groups_of_its_part() {
    let objection = |part: Part, groups: &[&str]| part.objection(groups).unwrap_or_default();
    for part in [Part::User, Part::Second, Part::Scratch] {
        assert_eq!(objection(part, &["users", "workers"]), "");
        assert_eq!(
            objection(part, &["workers"]),
            "is in `workers`, but it must be in `users`"
        );
    }
    assert_eq!(objection(Part::Worker, &["workers"]), "");
    assert!(
        objection(Part::Worker, &["users", "workers"]).starts_with("is in `users` and `workers`, ")
    );
    assert!(objection(Part::Worker, &[]).starts_with("is in no group, "));
    assert_eq!(objection(Part::NoGroup, &[]), "");
    assert_eq!(
        objection(Part::NoGroup, &["workers"]),
        "is in `workers`, but it must be in no group"
    );
}

#[test]
fn no_two_accounts_are_one() {
    let accounts = |second: &str, scratch: &str| {
        format!(
            "EMAIL=a@x\nPASSWORD=1\nSECOND_EMAIL={second}\nSECOND_PASSWORD=2\nSCRATCH_EMAIL={scratch}\n\
             SCRATCH_PASSWORD=3\n"
        )
    };
    assert!(read(&accounts("b@x", "c@x")).is_ok());
    for (second, scratch, message) in [
        ("b@x", "A@X", "SCRATCH_EMAIL is the account of EMAIL"),
        ("b@x", "b@x", "SCRATCH_EMAIL is the account of SECOND_EMAIL"),
        ("a@x", "c@x", "SECOND_EMAIL is the account of EMAIL"),
    ] {
        let error = error(&accounts(second, scratch));
        assert!(error.starts_with(message), "{error}");
    }
}
