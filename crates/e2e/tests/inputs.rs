//! The inputs of real jobs: fetched, verified, unpacked, kept.

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::common::{E2e, Ended};
use rustix::process::Signal;
use tempfile::TempDir;
use zip::{ZipWriter, write::SimpleFileOptions};

const FOLDER: &str = "decode_cloud_train_experimental";
const FILES: [&str; 2] = ["param_run_in.yaml", "spline_calibration_3dcal.mat"];

fn bundled(file: &str) -> Vec<u8> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    fs::read(
        project
            .join("tests/applications/decode_v0_10_1_train")
            .join(file),
    )
    .unwrap()
}

fn zip(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The zip as it should be, but for what `change` does with its members.
fn zip_with(change: impl Fn(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let member = |file: &str| (format!("{FOLDER}/{file}"), bundled(file));
    let mut members: Vec<_> = FILES.iter().map(|file| member(file)).collect();
    change(&mut members);
    zip(&members)
}

/// A server with one zip, and the directory that it is unpacked to.
struct Bench {
    source: String,
    asked: Arc<AtomicUsize>,
    directory: TempDir,
}

impl Bench {
    /// Whose server answers with `status` and `body`, of which it says that it has `length` bytes.
    fn of(status: &str, body: Vec<u8>, length: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let source = format!("http://{}/download", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::default());
        let head =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        thread::spawn({
            let asked = Arc::clone(&asked);
            move || {
                for stream in listener.incoming() {
                    let mut stream = stream.unwrap();
                    let _ = stream.read(&mut [0; 1024]).unwrap();
                    asked.fetch_add(1, Ordering::Relaxed);
                    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
                }
            }
        });
        Self {
            source,
            asked,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn with(zip: Vec<u8>) -> Self {
        let length = zip.len();
        Self::of("200 OK", zip, length)
    }

    fn settings(&self) -> String {
        let Self {
            source, directory, ..
        } = self;
        format!(
            "INPUTS_SOURCE={source}\nINPUTS_DIRECTORY={}\n",
            directory.path().display()
        )
    }

    fn fetch(&self, args: &[&str]) -> Ended {
        E2e::subcommand("inputs", args, &self.settings()).run()
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory
            .path()
            .join("decode_v0_10_1_train")
            .join(file)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    #[track_caller]
    fn refuses(&self, args: &[&str], parts: &[&str]) {
        let ended = self.fetch(args);
        let error = ended.refused(parts).only_error();
        assert!(!error.contains('\u{1b}'), "{error}");
    }
}

/// Those of an application whose file names no address: a zip, or a directory.
#[test]
fn further_applications_get_theirs_from_what_the_setting_names() {
    const COMET: [&str; 2] = ["param.yaml", "localizations.csv"];
    let first = Bench::with(zip_with(|_| {}));
    let applications = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/applications");
    let folders = [
        "comet_latest_run",
        "decode_latest_train",
        "decode_v0_10_1_fit",
    ];
    let files = folders.iter().flat_map(|folder| {
        let files = fs::read_dir(applications.join(folder)).unwrap();
        files.map(move |file| format!("{folder}/{}", file.unwrap().file_name().display()))
    });
    let members: Vec<_> = files
        .map(|file| (file.clone(), fs::read(applications.join(&file)).unwrap()))
        .collect();
    let others = tempfile::tempdir().unwrap();
    let packed = others.path().join("others.zip");
    fs::write(&packed, zip(&members)).unwrap();
    for (named, missing) in [
        (packed.as_path(), None),
        (applications.as_path(), None),
        (others.path(), Some("the directory")),
    ] {
        let directory = first.directory.path().join("comet_latest_run");
        let _ = fs::remove_dir_all(&directory);
        let settings = format!(
            "{}APPLICATION_INPUTS={}\n",
            first.settings(),
            named.display()
        );
        let ended = E2e::subcommand("inputs", &[], &settings).run();
        // Once for all of them.
        let fetched = format!("inputs: fetching {}\n", packed.display());
        let times = ended.stderr.matches(&fetched).count();
        assert_eq!(times, usize::from(named == packed), "{}", ended.stderr);
        let Some(missing) = missing else {
            ended.assert_code(0);
            for file in COMET {
                let wanted = fs::read(applications.join("comet_latest_run").join(file)).unwrap();
                assert_eq!(fs::read(directory.join(file)).unwrap(), wanted);
            }
            continue;
        };
        ended.refused(&[missing, "cannot be read at comet_latest_run/param.yaml"]);
    }
}

#[test]
fn they_are_fetched_once_and_verified_each_time() {
    let bench = Bench::with(zip_with(|_| {}));
    let ended = bench.fetch(&[]);
    ended.assert_code(0);
    ended.tells("SHA-256");
    for file in FILES {
        assert_eq!(fs::read(bench.path(file)).unwrap(), bundled(file));
    }
    bench.fetch(&[]).assert_code(0);
    assert_eq!(bench.asked(), 1);

    fs::write(bench.path(FILES[0]), "epochs: 1000").unwrap();
    bench.refuses(
        &[],
        &[
            "param_run_in.yaml is not what was fetched",
            "inputs --renew",
        ],
    );
    bench.fetch(&["--renew"]).assert_code(0);
    assert_eq!(bench.asked(), 2);
    assert_eq!(fs::read(bench.path(FILES[0])).unwrap(), bundled(FILES[0]));
}

/// Those that nobody fetches lie in the directory already, and are tried there.
#[test]
fn those_that_are_there_already_are_tried_as_well() {
    let bench = Bench::with(zip_with(|_| {}));
    let directory = bench.directory.path().join("decode_latest_train");
    fs::create_dir(&directory).unwrap();
    fs::write(
        directory.join("conf_run.yaml"),
        "Trainer: {max_epochs: *x}\n",
    )
    .unwrap();
    bench.refuses(
        &[],
        &[
            "conf_run.yaml of decode_latest_train",
            "line 1, column 23: found undefined alias",
        ],
    );
}

#[test]
fn they_come_from_a_file_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inputs.zip");
    fs::write(&file, zip_with(|_| {})).unwrap();
    let bench = Bench {
        source: file.display().to_string(),
        asked: Arc::default(),
        directory,
    };
    bench.fetch(&[]).assert_code(0);
    assert_eq!(fs::read(bench.path(FILES[1])).unwrap(), bundled(FILES[1]));
}

#[test]
fn a_zip_that_has_changed_is_told() {
    let bench = Bench::with(zip_with(|_| {}));
    bench.fetch(&[]).assert_code(0);
    fs::remove_file(bench.path(FILES[0])).unwrap();

    let changed = Bench {
        directory: bench.directory,
        ..Bench::with(zip_with(|members| members[1].1.push(0)))
    };
    changed.refuses(
        &[],
        &[
            "spline_calibration_3dcal.mat of http://",
            "has changed: its SHA-256 is",
        ],
    );
    assert_eq!(fs::read(changed.path(FILES[1])).unwrap(), bundled(FILES[1]));
    let ended = changed.fetch(&["--renew"]);
    ended.assert_code(0);
    ended.tells("spline_calibration_3dcal.mat has changed");
}

#[test]
fn what_cannot_be_used_is_told_in_one_line() {
    Bench::with(zip_with(|members| drop(members.pop()))).refuses(
        &[],
        &[
            "holds no decode_cloud_train_experimental/spline_calibration_3dcal.mat, but",
            "param_run_in",
        ],
    );
    Bench::with(zip_with(|members| members[0].1 = b"Camera: {}".into())).refuses(
        &[],
        &["param_run_in.yaml of decode_v0_10_1_train cannot be edited"],
    );
    for (parameters, parts) in [
        (
            "Camera:\n\tbaseline: 1\n",
            [
                "application decode",
                "it is not YAML: line 2, column 1: found character '\\t'",
            ],
        ),
        (
            "Hardware: {device: 1, device: 2}\nHardware: &h [1]\n",
            [
                "param_run_in.yaml of",
                "there is no key Hardware.device to set",
            ],
        ),
    ] {
        Bench::with(zip_with(|members| members[0].1 = parameters.into())).refuses(&[], &parts);
    }
    let without_baseline = |members: &mut Vec<(String, Vec<u8>)>| {
        let text = String::from_utf8(members[0].1.clone()).unwrap();
        assert_eq!(text.matches("  baseline:").count(), 1);
        members[0].1 = text.replace("  baseline:", "  0:").into();
    };
    Bench::with(zip_with(without_baseline)).refuses(
        &[],
        &["there is no key Camera.baseline, which must be unchanged in an output"],
    );
    Bench::with(b"<!DOCTYPE html>".into()).refuses(&[], &["is not a zip file"]);
    Bench::of("404 Not Found", Vec::new(), 0).refuses(&[], &["the answer is 404"]);
    let whole = zip_with(|_| {});
    let length = whole.len();
    Bench::of("200 OK", whole[..length / 2].into(), length).refuses(&[], &["INPUTS_SOURCE"]);
    let nobody = Bench {
        source: "http://127.0.0.1:9/download".into(),
        ..Bench::with(Vec::new())
    };
    nobody.refuses(
        &[],
        &["the inputs of real jobs cannot be fetched", "INPUTS_SOURCE"],
    );
    assert!(!nobody.path("SHA256SUMS").exists());
}

/// Ctrl-C in the middle of a download ends it at once, and leaves what was there before.
#[test]
fn a_download_that_is_interrupted_leaves_nothing() {
    let mut bench = Bench::with(zip_with(|_| {}));
    bench.fetch(&[]).assert_code(0);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    bench.source = format!("http://{}/download", listener.local_addr().unwrap());
    let command = E2e::subcommand("inputs", &["--renew"], &bench.settings());
    let mut running = command.start();
    running.wait_until_told("fetching");
    let (mut stream, _) = listener.accept().unwrap();
    let _ = stream.read(&mut [0; 1024]).unwrap();
    // A server that stops in the middle, and does not let go.
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nPK";
    stream.write_all(half).unwrap();
    running.signal(Signal::INT);
    let ended = running.wait();
    ended.assert_code(130);
    ended.assert_nothing_left();
    for file in FILES {
        assert_eq!(fs::read(bench.path(file)).unwrap(), bundled(file));
    }
    assert_eq!(fs::read_dir(bench.path("")).unwrap().count(), 3);
}

/// Wherever a zip's own names point: nothing is written but the files that are asked for.
#[test]
fn nothing_leaves_the_directory() {
    let elsewhere = tempfile::tempdir().unwrap();
    let absolute = elsewhere.path().join("evil");
    let evil = [
        "../evil",
        absolute.to_str().unwrap(),
        "decode_cloud_train_experimental/../../evil",
    ];
    let bench = Bench::with(zip_with(|members| {
        members.extend(evil.map(|name| (name.into(), b"evil".to_vec())));
    }));
    bench.fetch(&[]).assert_code(0);
    let mut found: Vec<_> = fs::read_dir(bench.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort_unstable();
    assert_eq!(found, ["SHA256SUMS", FILES[0], FILES[1]]);
    assert_eq!(fs::read_dir(bench.directory.path()).unwrap().count(), 2);
    assert!(!absolute.exists());
}

/// Neither where it is fetched from nor where it fails.
#[test]
fn no_secret_of_the_source_is_shown() {
    let secrets = ["pa%2Fss", "0123456789abcdef", "AKIAEXAMPLE", "c2lnbmF0dXJl"];
    let shown = |source: &str| {
        let at = source.find("://").unwrap() + 3;
        let address = format!(
            "{}user:{}@{}?X-Amz-Credential={}&X-Amz-Signature={}&se=2026&sig={}",
            &source[..at],
            secrets[0],
            &source[at..],
            secrets[2],
            secrets[1],
            secrets[3]
        );
        (
            address,
            format!("{source}?X-Amz-Credential=…&X-Amz-Signature=…&se=…&sig=…"),
        )
    };
    let see = |mut bench: Bench, code: i32| {
        let (address, expected) = shown(&bench.source);
        bench.source = address;
        let ended = bench.fetch(&[]);
        ended.assert_code(code);
        for secret in secrets.iter().chain(&["user:"]) {
            assert!(!ended.stderr.contains(secret), "{secret}: {}", ended.stderr);
        }
        ended.tells(&expected);
        (bench, ended)
    };
    see(Bench::with(zip_with(|_| {})), 0);
    see(Bench::of("404 Not Found", Vec::new(), 0), 2);
    let (_, ended) = see(Bench::with(zip_with(|members| drop(members.pop()))), 2);
    ended.refused(&["the zip of http://127"]);

    // Nor where what it holds has changed.
    let (bench, _) = see(Bench::with(zip_with(|_| {})), 0);
    fs::remove_file(bench.path(FILES[0])).unwrap();
    let changed = Bench {
        directory: bench.directory,
        ..Bench::with(zip_with(|members| members[1].1.push(0)))
    };
    let (_, ended) = see(changed, 2);
    ended.refused(&["has changed"]);
}
