//! What the services and their build write: kept with the run's reports, and shown as far as it helps.

use std::{fs, path::Path};

use crate::{
    common::{E2e, Ended},
    local::engine::{ANSWERING, Engine},
};

/// A run whose job fetcher ends at once, after it has written `log`.
fn ended_after(engine: &Engine, log: &str) -> Ended {
    let containers = Engine::containers("exited");
    engine.up(
        &ANSWERING,
        &format!("cat > \"$STAND_IN/containers\" <<EOF\n{containers}EOF"),
    );
    engine.write("log-job-fetcher", log);
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(1);
    ended
}

/// The failure as it is told last: its line and what stands below it.
fn error(ended: &Ended) -> &str {
    let start = ended.stderr.rfind("error: ").unwrap();
    &ended.stderr[start..]
}

/// A line of a log could forge what the terminal shows, or its title.
#[test]
fn no_control_sequence_of_a_service_reaches_a_terminal_or_a_file() {
    let engine = Engine::new("");
    let forged = "\u{1b}]0;title\u{7}before\u{1b}[2Jafter\u{1b}[1;31m, \u{9b}2Kred\u{8}\u{8}, a\ttab\r\n\
                  \u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\ \u{1b}]not closed\nnext\u{202e}line\n";
    engine.write("log---timestamps", &format!("job-fetcher-1  | {forged}"));
    let ended = ended_after(&engine, forged);
    for part in ["beforeafter, 2Kred, a\ttab\n", "link\n", "nextline\n"] {
        assert!(error(&ended).contains(part), "{part:?}: {}", ended.stderr);
        assert!(ended.report("services.log").contains(part));
    }
    let is_forged = |c: char| c.is_control() && !"\n\t".contains(c) || c == '\u{202e}';
    let mut files = 0;
    for file in fs::read_dir(ended.report_directory()).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(is_forged), "{}: {text}", path.display());
        // Nor as JSON writes it.
        assert!(!text.contains("\\u001b"), "{}", path.display());
        files += 1;
    }
    assert!(files > 3);
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(is_forged), "{text}");
    }
}

#[test]
fn nor_does_one_of_the_build() {
    let engine = Engine::new("");
    engine.write(
        "up",
        "printf '#9 \\033[2K\\033[31mnpm\\033[0m\\n' >&2; exit 17\n",
    );
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(1);
    ended.tells("  #9 npm\n");
    assert!(!ended.stderr.contains('\u{1b}'));
    assert!(!ended.report("build.log").contains('\u{1b}'));
}

/// Health checks and the suite's own requests say nothing of why a service ends.
#[test]
fn of_a_log_the_lines_that_matter_are_shown() {
    let engine = Engine::new("");
    let mut log = String::from("2026-11-28 12:00:00 | WARNING | the disk is nearly full\n");
    for _ in 0..40 {
        log += "INFO:     127.0.0.1:51234 - \"GET / HTTP/1.1\" 200 OK\n\
                INFO:     127.0.0.1:51234 - \"GET /jobs/1 HTTP/1.1\" 200 OK\n\
                INFO:     127.0.0.1:51234 - \"OPTIONS /jobs HTTP/1.1\" 400 Bad Request\n\
                127.0.0.1 - - [28/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 304 0\n";
    }
    log += "INFO:     127.0.0.1:51234 - \"POST /jobs HTTP/1.1\" 500 Internal Server Error\n";
    let ended = ended_after(&engine, &log);
    let told = error(&ended);
    assert!(
        told.contains("    2026-11-28 12:00:00 | WARNING | the disk"),
        "{told}"
    );
    assert!(told.contains("\"POST /jobs HTTP/1.1\" 500"), "{told}");
    assert!(
        !told.contains("\"GET /") && !told.contains("OPTIONS"),
        "{told}"
    );
}

/// `BuildKit`'s output for a Dockerfile with a step that fails, as Compose passes it on.
const BROKEN: &str = r#"#0 building with "default" instance using docker driver
#12 [frontend 4/5] RUN npm run build
#12 0.512 sh: vite: not found
#12 ERROR: process "/bin/sh -c npm run build" did not complete successfully: exit code: 127
------
 > [frontend 4/5] RUN npm run build:
0.512 sh: vite: not found
------
Dockerfile:12
--------------------
  10 |     COPY . .
  11 |
  12 | >>> RUN npm run build
--------------------
failed to solve: process "/bin/sh -c npm run build" did not complete successfully: exit code: 127
"#;

#[test]
fn a_dockerfile_that_is_broken_is_told_by_its_step() {
    let engine = Engine::new("");
    let log = "#11 1.5 npm http fetch
"
    .repeat(150);
    // Compose 2.37 and later build with Bake, which names the target as well.
    for (last, end) in [("", BROKEN), ("target frontend: ", BROKEN)] {
        let end = end.replace("failed to solve", &format!("{last}failed to solve"));
        engine.write("up", &format!("cat >&2 <<'EOF'\n{log}{end}EOF\nexit 17\n"));
        let ended = engine.run(&["--filter", "access_info"], "").run();
        ended.assert_code(1);
        let told = error(&ended);
        for part in [
            "error: frontend cannot be built, RUN npm run build fails:\n",
            "    0.512 sh: vite: not found\n",
            "failed to solve: process \"/bin/sh -c npm run build\" did not complete",
            "the whole log is in ",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(told.lines().count() < 20, "{told}");
        assert!(ended.report("build.log").starts_with(&log));
        // No service has started, so that none has a log.
        assert!(
            !ended.stderr.contains("the services' logs"),
            "{}",
            ended.stderr
        );
        assert!(!ended.report_directory().join("services.log").exists());
        let junit = ended.report("junit.xml");
        assert!(junit.contains("<failure ") && junit.contains("type=\"stack\""));
        for name in ["junit.xml", "results.json", "report.html"] {
            assert!(
                ended.report(name).contains("frontend cannot be built"),
                "{name}"
            );
        }
    }
}

/// The container that removes the files of earlier jobs needs the job fetcher's image.
#[test]
fn so_is_one_that_is_built_to_remove_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../job_fetcher_data");
    fs::create_dir_all(&root).unwrap();
    let left = tempfile::tempdir_in(root).unwrap();
    let engine = Engine::new("");
    let broken = BROKEN.replace("[frontend", "[job-fetcher");
    engine.write("run", &format!("cat >&2 <<'EOF'\n{broken}EOF\nexit 17\n"));
    let ended = engine.run(&["--filter", "access_info"], "").run();
    ended.assert_code(1);
    drop(left);
    let told = error(&ended);
    assert!(told.starts_with("error: job-fetcher cannot be built, RUN npm run build fails:\n"));
    assert!(told.contains("failed to solve: process"), "{told}");
    assert_eq!(ended.report("build.log"), broken);
    ended.assert_nothing_left();
}

/// And not in one place, where the next run's would replace them.
#[test]
fn logs_lie_with_the_reports_of_their_run() {
    let engine = Engine::new("");
    engine.write("log---timestamps", "frontend-1  | a line\n");
    let worker_api = format!("http://localhost:{}", engine.ports[1]);
    let args = ["--worker-api", &worker_api, "--filter", "access_info"];
    let e2e = E2e::subcommand("--local", &args, engine.settings());
    let ended = engine.on_this_machine(e2e).run();
    ended.assert_code(0);
    let mut lines = ended.stdout.lines();
    let report = lines
        .find_map(|line| line.strip_prefix("report: "))
        .unwrap();
    let log = Path::new(report).with_file_name("services.log");
    assert_eq!(fs::read_to_string(&log).unwrap(), "frontend-1  | a line\n");
    let told = format!("the services' logs are in {}\n", log.display());
    ended.tells(&told);
    fs::remove_dir_all(log.parent().unwrap()).unwrap();
}
