use super::*;

const OLD: &str = "integration_test_20260101T000000Z_0000beef";

fn now() -> DateTime {
    "2026-11-23T12:00:00".parse().unwrap()
}

fn path(path: &str, which: &Which) -> Option<LeftPath> {
    LeftPath::of(path, which, now())
}

#[test]
fn a_run_names_all_it_makes_after_itself() {
    let run = RunId::new(now(), "9c1f7a52");
    let name = run.name("files::browse");
    assert_eq!(
        name,
        "integration_test_20261123T120000Z_9c1f7a52_files_browse"
    );
    assert!(name.starts_with(&run.prefix()));
    assert_eq!(started(&name), Some(now()));
}

#[test]
fn only_what_is_old_is_left_over_unless_more_is_asked_for() {
    let today = RunId::new(now(), "9c1f7a52").name("files::browse");
    let is_left = |name: &str, which: &Which| which.means(name, now());
    let named = Which::Named("integration_test_2026".into());
    for (name, day, all, begin) in [
        (OLD, true, true, true),
        (today.as_str(), false, true, true),
        // Nobody knows how old these are.
        ("integration_test_by_hand", false, true, false),
        ("integration_test_99999999T999999Z_x", false, true, false),
        ("integration_test_", false, false, false),
        ("integration_tests", false, false, false),
        (
            "my_integration_test_20260101T000000Z_0000beef",
            false,
            false,
            false,
        ),
        (
            "Integration_test_20260101T000000Z_0000beef",
            false,
            false,
            false,
        ),
        ("experiment", false, false, false),
        ("", false, false, false),
    ] {
        assert_eq!(is_left(name, &Which::OlderThanADay), day, "{name}");
        assert_eq!(is_left(name, &Which::All), all, "{name}");
        assert_eq!(is_left(name, &named), begin, "{name}");
    }
}

#[test]
fn a_choice_is_read_as_it_is_written() {
    for which in [Which::OlderThanADay, Which::All, Which::Named(OLD.into())] {
        assert_eq!(which.to_string().parse(), Ok(which));
    }
    for text in ["", "everything", "integration_test_", "config", "/"] {
        assert_eq!(text.parse::<Which>(), Err(NoChoice), "{text}");
    }
}

#[test]
fn only_entries_right_below_the_users_directories_are_removed() {
    for root in ROOT {
        for path in [format!("{root}/{OLD}/"), format!("{root}/{OLD}.txt")] {
            let left = LeftPath::of(&path, &Which::All, now());
            assert_eq!(left.as_ref().map(LeftPath::as_str), Some(path.as_str()));
        }
    }
    for wrong in [
        "config/",
        "config/experiment/",
        "config//",
        &format!("{OLD}/"),
        &format!("config/experiment/{OLD}/"),
        &format!("config/{OLD}/../experiment/"),
        &format!("config/{OLD}\\..\\experiment"),
        &format!("elsewhere/{OLD}/"),
        &format!("../{OLD}/"),
        &format!("/config/{OLD}/"),
    ] {
        assert_eq!(path(wrong, &Which::All), None, "{wrong}");
    }
    assert!(LeftJob::of(7, OLD, &Which::OlderThanADay, now()).is_some());
    for wrong in ["experiment", &format!("{OLD}/../experiment")] {
        assert!(LeftJob::of(7, wrong, &Which::All, now()).is_none());
    }
}

#[test]
fn what_was_not_told_before_is_not_removed() {
    let told = vec![
        "config/integration_test_a\"'\\b/".to_owned(),
        format!("job 7 {OLD}"),
    ];
    for (removal, means) in [
        (Removal::Nothing, [false, false]),
        (Removal::Everything, [true, true]),
        (Removal::Told(told.clone()), [true, false]),
    ] {
        let again = format!("job 8 {OLD}");
        assert_eq!([&told[1], &again].map(|name| removal.means(name)), means);
        assert_eq!(removal.to_string().parse::<Removal>().unwrap(), removal);
    }
    assert!("maybe".parse::<Removal>().is_err());
}
