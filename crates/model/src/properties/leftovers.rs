use jiff::{SignedDuration, civil::DateTime};

use super::*;
use crate::leftovers::{LeftJob, LeftPath, PREFIX, ROOT, Which};

const OLD: &str = "integration_test_20260101T000000Z_0000beef";

fn any_choice() -> impl Strategy<Value = Which> {
    prop_oneof![
        Just(Which::OlderThanADay),
        Just(Which::All),
        ".*".prop_map(Which::Named),
        ".*".prop_map(|rest| Which::Named(format!("{PREFIX}{rest}"))),
    ]
}

/// Paths and names that are, or nearly are, what a run makes.
fn any_path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("config".to_owned()),
        Just("..".to_owned()),
        Just(OLD.to_owned()),
        Just(PREFIX.to_owned()),
        ".*",
        ".*".prop_map(|rest| format!("{PREFIX}{rest}")),
    ];
    let parts = prop::collection::vec(part, 0..5);
    (parts, any::<bool>()).prop_map(|(parts, slash)| {
        let end = if slash { "/" } else { "" };
        parts.join("/") + end
    })
}

proptest! {
    /// Whatever is asked for and whatever is there: nothing is removed but what begins with the
    /// prefix, and no path leads elsewhere.
    #[test]
    fn nothing_without_the_prefix_is_ever_removed(
        which in any_choice(),
        text in any_path(),
        days in -1000..1000_i64,
    ) {
        let now = DateTime::constant(2026, 11, 23, 12, 0, 0, 0).saturating_add(SignedDuration::from_hours(24 * days));
        if let Some(left) = LeftPath::of(&text, &which, now) {
            let parts: Vec<_> = left.as_str().split('/').collect();
            let (root, name) = (parts[0], parts[1]);
            prop_assert!(ROOT.contains(&root));
            prop_assert!(name.starts_with(PREFIX) && name.len() > PREFIX.len());
            prop_assert!(parts.len() == 2 || (parts.len() == 3 && parts[2].is_empty()));
        }
        if let Some(left) = LeftJob::of(7, &text, &which, now) {
            prop_assert!(left.name().starts_with(PREFIX) && !left.name().contains('/'));
        }
    }
}
