//! What a `WebDriver` elsewhere says of itself before a browser is asked for.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use ureq::http::StatusCode;

use crate::{
    endpoint::Endpoint,
    engine::Engine,
    process::{Failure, Interrupt},
};

/// How long it may take to say how it is.
const LIMIT: Duration = Duration::from_secs(20);

/// Makes sure that `endpoint` answers, and, where it tells, that it has a browser of `engine`.
pub fn check_remote(
    endpoint: &Endpoint,
    engine: &dyn Engine,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let status = endpoint.join("status");
    let answer = interrupt.block(move || {
        let mut answer = status.get(LIMIT)?;
        let text = answer.body_mut().read_to_string()?;
        Ok::<_, ureq::Error>((answer.status(), text))
    })?;
    let name = endpoint.name();
    let (status, text) = answer
        .map_err(|error| Failure::Input(format!("no WebDriver answers at {name}: {error}")))?;
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) {
        return Err(Failure::Input(format!(
            "{name} refuses the user name and the password ({status}), which stand before the host in its \
             address"
        )));
    }
    let Ok(told) = serde_json::from_str::<Value>(&text) else {
        return Err(no_webdriver(&name, status));
    };
    if status == StatusCode::NOT_FOUND || told.get("value").is_none() {
        return Err(no_webdriver(&name, status));
    }
    match browsers(&told) {
        Some(browsers) if !browsers.contains(engine.browser_name()) => {
            Err(Failure::Input(lacks(&name, engine, &browsers)))
        }
        _ => Ok(()),
    }
}

fn no_webdriver(name: &str, status: StatusCode) -> Failure {
    Failure::Input(format!(
        "what answers at {name} is not a WebDriver: GET {name}/status is answered {status}, without a status"
    ))
}

fn lacks(name: &str, engine: &dyn Engine, browsers: &BTreeSet<String>) -> String {
    let has = match browsers.iter().cloned().collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "no browser at all".into(),
        all => all,
    };
    format!(
        "{name} has no {} (browserName {}); it has {has}",
        engine.name(),
        engine.browser_name()
    )
}

/// The names of the browsers of a Selenium Grid, from its answer to `GET /status`. `None` for others.
fn browsers(status: &Value) -> Option<BTreeSet<String>> {
    let nodes = status["value"]["nodes"].as_array()?.iter();
    let slots = nodes.flat_map(|node| node["slots"].as_array().into_iter().flatten());
    let names = slots.filter_map(|slot| slot["stereotype"]["browserName"].as_str());
    Some(names.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::engine::ENGINES;

    #[test]
    fn a_grid_tells_which_browsers_it_has() {
        let slot = |name: &str| json!({ "session": null, "stereotype": { "browserName": name } });
        let grid = json!({ "value": { "ready": true, "nodes": [
            { "slots": [slot("firefox"), slot("chrome")] },
            { "slots": [slot("chrome")] },
        ] } });
        let names = browsers(&grid).unwrap();
        let told = lacks("http://grid.test", ENGINES[2], &names);
        assert_eq!(
            told,
            "http://grid.test has no WebKit (browserName MiniBrowser); it has chrome, firefox"
        );
        let empty = browsers(&json!({ "value": { "nodes": [] } })).unwrap();
        assert!(lacks("", ENGINES[0], &empty).ends_with("it has no browser at all"));
        // A driver.
        let driver = json!({ "value": { "ready": true, "build": { "version": "156" } } });
        assert_eq!(browsers(&driver), None);
    }
}
