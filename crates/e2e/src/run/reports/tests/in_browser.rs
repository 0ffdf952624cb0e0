//! `report.html` in the real browser.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use opencloud_browser::{
    driver::{Session, WebDriverError},
    endpoint::Endpoint,
    engine::ENGINES,
    install,
    process::Output,
    serve::listen_on_localhost,
};
use opencloud_reports::model::Run;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::samples;
use crate::project;

/// What somebody can see of a report.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    headline: String,
    /// Bars of the tests, steps, jobs and requests.
    bars: [usize; 4],
    /// Bars that are less than a pixel wide or high, or lie outside of their lane: as shown, and
    /// after a click on "Closer".
    lost: [usize; 2],
    /// Texts on bars and marked cells that stand out less than WCAG 2.2 (1.4.3) asks for.
    faint: usize,
    /// Rows of the table of origins, and its marked cells.
    rows: usize,
    wrong: usize,
    /// How much wider than the window the page is.
    overflow: f64,
    /// The timeline's width, as shown, and after a click on "Closer".
    widths: [f64; 2],
    /// The failed request as it is shown.
    exchange: String,
}

const LOOK: &str = r#"
    const all = (selector) => [...document.querySelectorAll(selector)];
    const width = () => document.querySelector(".reel")?.clientWidth ?? 0;
    const lost = () => all(".lane > rect").filter((bar) => {
        const [inner, outer] = [bar, bar.closest(".lane")].map((part) => part.getBoundingClientRect());
        return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.height < 4 || inner.width < 1;
    }).length;
    const luminance = (colour) => {
        const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3)
            .map((part) => part / 255)
            .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (...colours) => {
        const [less, more] = colours.map(luminance).sort((a, b) => a - b);
        return (more + 0.05) / (less + 0.05);
    };
    const labels = all(".lane text").map((text) => [
        getComputedStyle(text).fill,
        getComputedStyle(text.parentElement.previousElementSibling).fill,
    ]);
    const marked = all("td.wrong").map((cell) => getComputedStyle(cell)).map((style) => [style.color, style.backgroundColor]);
    const faint = [...labels, ...marked].filter((pair) => contrast(...pair) < 4.5).length;
    const lostBefore = lost();
    const overflow = document.documentElement.scrollWidth - innerWidth;
    const before = width();
    document.querySelector("[data-zoom=in]")?.click();
    return {
        headline: document.querySelector("h1").innerText,
        bars: ["tests", "steps", "job", "requests"].map((lane) => all(`.lane.${lane} > rect`).length),
        lost: [lostBefore, lost()],
        faint,
        rows: all(".origins tbody tr").length,
        wrong: all(".origins td.wrong").length,
        overflow,
        widths: [before, width()],
        exchange: document.querySelector(".exchange")?.innerText ?? "",
    };
"#;

/// A browser that ends with its test.
struct Chrome {
    driver: Child,
    session: Session,
}

impl Chrome {
    fn start(profile: &Path) -> Self {
        let programs = install::ensure(ENGINES[0].package(), &project::root(), true).unwrap();
        // Free again as soon as it is known.
        let (port, _) = listen_on_localhost(0).unwrap();
        let mut driver = Command::new(&programs.driver)
            .args(ENGINES[0].driver_args(port))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = Output::default();
        output.read(driver.stdout.take());
        while !output.contains(ENGINES[0].ready_message().unwrap()) {
            thread::sleep(Duration::from_millis(20));
        }
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "binary": programs.browser, "args": [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--no-first-run",
                format!("--user-data-dir={}", profile.display()),
            ]},
            "goog:loggingPrefs": { "browser": "ALL" },
        }}});
        let endpoint = Endpoint::of_port(port).unwrap();
        let session = Session::open(&endpoint, &capabilities, ENGINES[0].start_limit()).unwrap();
        Self { driver, session }
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // A browser that closes may answer no more.
        let _ = command(&self.session, "Browser.close", &json!({}));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Sends a command of the `DevTools` protocol.
fn command(session: &Session, name: &str, params: &Value) -> Result<Value, WebDriverError> {
    let body = json!({ "cmd": name, "params": params });
    session.post("goog/cdp/execute", &body)
}

fn look(session: &Session, directory: &Path, run: &Run) -> Seen {
    for (name, text) in opencloud_reports::files(run).unwrap() {
        fs::write(directory.join(name), text).unwrap();
    }
    let url = format!("file://{}/report.html", directory.display());
    session.navigate(&url).unwrap();
    session.execute(LOOK, &json!([])).unwrap()
}

#[test]
fn the_report_shows_what_happened_in_every_size_and_scheme() {
    let directory = tempfile::tempdir().unwrap();
    let chrome = Chrome::start(&directory.path().join("profile"));
    let session = &chrome.session;

    for (width, scheme) in [
        (1280, "light"),
        (1280, "dark"),
        (390, "light"),
        (390, "dark"),
    ] {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        command(session, "Emulation.setDeviceMetricsOverride", &size).unwrap();
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        command(session, "Emulation.setEmulatedMedia", &feature).unwrap();

        let passing = look(session, directory.path(), &samples::passing());
        assert_eq!(passing.headline, "Passed");
        assert_eq!(passing.bars, [3, 5, 4, 3]);
        assert_eq!((passing.rows, passing.wrong), (2, 0));
        assert!(passing.widths[1] > 1.9 * passing.widths[0], "{passing:?}");

        let run = samples::failing();
        let failing = look(session, directory.path(), &run);
        assert_eq!(failing.headline, "Failed: OpenCloud is wrong");
        assert_eq!(failing.bars, [3, 7, 4, run.exchanges.len()]);
        assert_eq!((failing.rows, failing.wrong), (2, 1));
        assert!(
            failing.exchange.contains("OPTIONS http://localhost:8000/"),
            "{failing:?}"
        );
        assert!(
            failing.exchange.contains("The browser: MethodDisallowed"),
            "{failing:?}"
        );

        let empty = look(session, directory.path(), &samples::empty());
        assert_eq!(empty.headline, "No verdict: the suite itself failed");
        assert_eq!((empty.bars, empty.rows), ([0; 4], 0));

        let hour = look(session, directory.path(), &samples::hour());
        assert_eq!(hour.bars[3], samples::hour().exchanges.len());
        let panicked = look(session, directory.path(), &samples::panicked());

        for seen in [passing, failing, empty, hour, panicked] {
            assert!(
                seen.overflow <= 0.0 && seen.lost == [0, 0] && seen.faint == 0,
                "{width} {scheme}: {seen:?}"
            );
        }
        let console = ENGINES[0].console_errors(session).unwrap();
        assert!(console.is_empty(), "{console:?}");
    }
}
