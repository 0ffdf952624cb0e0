use super::{workspace::Workspace, *};
use crate::{
    config::Config,
    files::{Storage, UserPath},
    jobs::store::tests::{job, store},
};

fn train(applications: &Applications) -> EntryPoint<'_> {
    let found = applications.entrypoint("decode", "v0_10_1", "train");
    found.expect("the built-in configuration has it")
}

#[tokio::test]
async fn nothing_is_written_for_a_deleted_job() {
    let (jobs, directory) = store();
    let incoming = directory.path().join("incoming");
    std::fs::create_dir(&incoming).unwrap();
    let worker = Worker {
        environment: "local",
        jobs,
        files: FileSystem {
            storage: Storage::Local(directory.path().to_owned()),
            incoming,
        },
        applications: Applications::built_in(),
        config: Config::default().worker,
        faults: Faults::default(),
    };
    let applications = Applications::built_in();
    let entry_point = train(&applications);
    let ended = Container {
        application: &job("job").application,
        entry_point,
        files: Workspace::default(),
        must_fail: false,
        faults: &Faults::default(),
    }
    .run();
    let log = UserPath::parse("log/job/log/log.log").unwrap();
    let files = worker.files.of("user");

    let gone = worker.jobs.create(&job("job")).unwrap();
    worker.jobs.delete(gone.key()).unwrap();
    let uploaded = worker.upload(&gone, entry_point, &ended).await;
    assert!(matches!(uploaded, Err(Stop::JobGone)));
    assert!(!files.exists(&log).unwrap());

    let there = worker.jobs.create(&job("job")).unwrap();
    assert!(matches!(
        worker.upload(&there, entry_point, &ended).await,
        Ok(Ok(()))
    ));
    assert!(files.exists(&log).unwrap());
}

/// What a training with these parameters ends with.
fn train_with(parameters: &[u8]) -> container::Ended {
    let mut files = Workspace::default();
    files.add_file("/files/config/p.yaml", parameters.into());
    files.add_file("/files/data/c.mat", Vec::new());
    let applications = Applications::built_in();
    let container = Container {
        application: &job("job").application,
        entry_point: train(&applications),
        files,
        must_fail: false,
        faults: &Faults::default(),
    };
    container.run()
}

#[test]
fn parameters_are_read_as_pyyaml_reads_them() {
    for sound in [
        "Camera: {baseline: 1}\nCamera: {baseline: 2}\n",
        "base: &cam {baseline: 398.6}\nCamera: {<<: *cam, px_size: [127, 117]}\n",
        "x: &x {Camera: {0: {baseline: 398.6}}}\n<<: *x\n",
        "\"Camera\": {1: yes, 1.0: no}\n",
    ] {
        let ended = train_with(sound.as_bytes());
        assert!(!ended.failed, "{sound}");
    }
    for (wrong, exception) in [
        (
            &b"Camera:\n\tbaseline: 1\n"[..],
            "yaml.scanner.ScannerError: /files/config/p.yaml: line 2, column 1",
        ),
        (b"Camera: {baseline: 1\n", "yaml.parser.ParserError"),
        (b"Camera: *cam\n", "yaml.composer.ComposerError"),
        (b"Camera: {[1]: 2}\n", "yaml.constructor.ConstructorError"),
        (b"Camera: \x01\n", "yaml.reader.ReaderError"),
        (b"Camera: 2021-02-30\n", "ValueError"),
        (b"Camera: \xff\n", "UnicodeDecodeError"),
        (b"- Camera\n", "AttributeError"),
        (b"", "AttributeError"),
    ] {
        let ended = train_with(wrong);
        let details = ended.failure_details().unwrap_or_default();
        assert!(details.contains(exception), "{exception}: {details}");
    }
}

#[tokio::test]
async fn parameters_that_are_nested_too_deeply_end_in_an_error_at_once() {
    let run = |parameters: &str| train_with(parameters.as_bytes());
    assert!(!run("Camera: {baseline: [1, 2]}").failed);
    let begin = std::time::Instant::now();
    for deep in ["[", "{a: ", "a: ["] {
        assert!(run(&deep.repeat(256 * 1024 / deep.len())).failed, "{deep}");
    }
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}
