use std::time::Duration;

use secrecy::ExposeSecret as _;
use url::Url;

use super::*;
use crate::{
    origins,
    settings::{Settings, dotenv, table},
};

/// Values that some key could take, or nearly.
fn value() -> impl Strategy<Value = String> {
    let numbers = any::<f64>().prop_map(|number| number.to_string());
    let durations = (any::<u64>(), "[smhdy]|ms| years?|month| 1h|e9|")
        .prop_map(|(number, unit)| format!("{number}{unit}"));
    let urls = "(http|https|HTTP|ftp|)(://|:/|:)([a-z@:.%0-9\\[\\]é _-]{0,12})(:[0-9]{0,6})?(/[a-z]{0,3}|\\?[a-z]|#|)";
    prop_oneof![
        "embedded|local|dev|prod|cpu|gpu|cloud|yes|no|EMBEDDED",
        numbers,
        durations,
        urls,
        text(),
    ]
}

fn keys() -> Vec<&'static str> {
    table::all().map(|setting| setting.key).collect()
}

fn origin() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        Just("localhost".to_owned()),
        "[a-z]{1,8}(\\.[a-z]{2,4}){0,3}",
        "xn--[a-z0-9]{1,6}\\.[a-z]{2}",
        Just("127.0.0.1".to_owned()),
        Just("[::1]".to_owned()),
    ];
    let port = prop_oneof![
        any::<u16>(),
        prop::sample::select(vec![79, 80, 81, 442, 443, 444, 8080, 65534, 65535]),
    ];
    ("https?", host, prop::option::of(port)).prop_filter_map("an origin", |(scheme, host, port)| {
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let url = Url::parse(&format!("{scheme}://{host}{port}")).ok()?;
        Some(url.origin().ascii_serialization())
    })
}

proptest! {
    #[test]
    fn any_text_is_a_dotenv_file_or_has_a_line_at_fault(text in text()) {
        match dotenv::parse(&text) {
            Ok(pairs) => prop_assert!(pairs.iter().all(|(key, _)| !key.is_empty())),
            Err(error) => {
                let lines = text.split(['\n', '\r']).count();
                prop_assert!((1..=lines).contains(&error.line), "{error} of {lines}");
                assert_one_clear_line(&error.to_string());
            }
        }
    }

    #[test]
    fn what_is_quoted_in_a_dotenv_file_comes_back(values in prop::collection::vec(text(), 1..4)) {
        let pairs: Vec<_> = values.into_iter().map(|value| ("KEY".to_owned(), value)).collect();
        let written = dotenv::write(pairs.iter().map(|(key, value)| (&**key, &**value)));
        prop_assert_eq!(dotenv::parse(&written), Ok(pairs));
    }

    #[test]
    fn any_settings_are_sound_or_refused_in_a_line_without_secrets(
        dotenv in prop::option::of(text()),
        pairs in prop::collection::vec((prop::sample::select(keys()), value()), 0..8),
        secret in "[g-z]{12}",
    ) {
        let secrets = ["PASSWORD", "TEST_PASSWORD", "EXPIRED_TOKEN"];
        let secrets = secrets.map(|key| (key.to_owned(), secret.clone()));
        let account = ["EMAIL", "TEST_EMAIL"].map(|key| (key.to_owned(), "a@b".to_owned()));
        let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
        match Settings::read(dotenv.as_deref(), account.into_iter().chain(pairs).chain(secrets)) {
            Err(error) => {
                assert_one_clear_line(&error.to_string());
                prop_assert!(!error.to_string().contains(&secret));
            }
            Ok(settings) => {
                let shown = format!("{settings:?}");
                prop_assert!(!shown.contains(&secret));
                prop_assert!(settings.secrets().any(|known| known.expose_secret() == secret));
                // Both can be added to times, and fit a browser's timers.
                let longest = Duration::from_millis(i32::MAX.unsigned_abs().into());
                let mut waits = settings.limits.waits();
                prop_assert!(waits.all(|(_, limit)| !limit.is_zero() && limit <= longest));
                let frontend = Url::parse(&settings.frontend).expect("a URL");
                prop_assert_eq!(frontend.origin().ascii_serialization(), settings.frontend);
                prop_assert!(Url::parse(&settings.user_api).is_ok());
                prop_assert!(!settings.user_api.ends_with('/'));
            }
        }
    }

    #[test]
    fn look_alikes_are_origins_as_a_browser_sends_them(frontend in origin()) {
        let foreign = origins::foreign(&frontend);
        prop_assert!(foreign.len() >= 3);
        for (at, look_alike) in foreign.iter().enumerate() {
            let origin = &look_alike.origin;
            prop_assert_ne!(origin, &frontend);
            prop_assert!(!foreign[..at].iter().any(|before| before.origin == *origin), "{origin}");
            if origin != origins::OPAQUE {
                let sent = Url::parse(origin).expect("a URL").origin().ascii_serialization();
                prop_assert_eq!(&sent, origin);
                prop_assert!(Url::parse(origin).expect("a URL").host().is_some());
            }
        }
    }
}
