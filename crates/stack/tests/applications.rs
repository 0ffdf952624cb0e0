//! Every application that the configuration offers runs in its container: it takes its inputs by the
//! patterns of its command, fails where one is missing, and leaves its outputs where the configuration
//! sends them.

use crate::support::{
    self, MODES,
    applications::{COMET, FIT, File, LATEST, Names, TRAIN, inputs, outputs, run, run_on},
    config,
    session::Session,
};

const STATE: f64 = 0.01;

#[tokio::test(flavor = "multi_thread")]
async fn each_leaves_its_outputs_and_nothing_else() {
    for mode in MODES {
        let stack = support::start(config(mode, STATE)).await;
        let user = Session::first(&stack).await;
        let mut expected = Vec::new();
        for (name, names, artifacts, left) in [
            (
                "train",
                TRAIN,
                &[][..],
                &[
                    "artifact/train/model/model_0.pt",
                    "artifact/train/model/param_run_in.yaml",
                    "log/train/log/log.log",
                ][..],
            ),
            ("fit", FIT, &["train/"], &["artifact/fit/output/emitter.h5"]),
            (
                "latest",
                LATEST,
                &[],
                &[
                    "artifact/latest/model/conf_run.yaml",
                    "artifact/latest/model/model_0.pt",
                    "log/latest/log/log.log",
                ],
            ),
            (
                "comet",
                COMET,
                &[],
                &[
                    "log/comet/log/log.log",
                    "output/comet/output/drift_estimate.csv",
                    "output/comet/output/drift_estimate.png",
                ],
            ),
        ] {
            let job = run(&stack, &user, name, names, artifacts).await;
            assert_eq!(job["status"], "finished", "{mode:?}: {job}");
            expected.extend(left.iter().map(|path| (*path).to_owned()));
            expected.sort();
            assert_eq!(outputs(&user).await, expected, "{mode:?}: after {name}");
        }
        let emitters = user.download("artifact/fit/output/emitter.h5").await.body;
        assert!(emitters.starts_with(b"\x89HDF\r\n\x1a\n"));
        let copy = user
            .download("artifact/latest/model/conf_run.yaml")
            .await
            .body;
        assert_eq!(copy, inputs(LATEST)[0].2);
        stack.stop().await;
    }
}

/// The inputs of `names` but for those that `change` spoils.
fn spoilt(names: Names, change: impl FnOnce(&mut Vec<File>)) -> (Names, Vec<File>) {
    let mut files = inputs(names);
    change(&mut files);
    (names, files)
}

/// A file that is not an input of any program, so that its directory exists.
const OTHER: File = ("data", "readme.txt", b"nothing");

#[tokio::test(flavor = "multi_thread")]
async fn each_fails_for_the_input_that_is_missing_or_wrong() {
    for mode in MODES {
        let stack = support::start(config(mode, STATE)).await;
        let user = Session::first(&stack).await;
        let model = run(&stack, &user, "model", TRAIN, &[]).await;
        assert_eq!(model["status"], "finished");
        for (number, ((names, files), artifacts, reason)) in [
            (
                spoilt(TRAIN, |files| files[1] = OTHER),
                "",
                "no calibration file: --calib_path=",
            ),
            (
                spoilt(FIT, |files| files[1] = OTHER),
                "model",
                "no recording: --frame_path=",
            ),
            (
                spoilt(FIT, |files| files[1].2 = b"no TIFF"),
                "model",
                "/files/data/f.tiff is not a recording",
            ),
            (
                spoilt(FIT, |files| files[0].2 = b"Kamera: {}"),
                "model",
                "/files/config/meta.yaml has no Camera",
            ),
            (spoilt(FIT, |_| {}), "", "no model: --model_path="),
            (
                spoilt(LATEST, |files| files.truncate(2)),
                "",
                "no calibration file: Paths.calibration=",
            ),
            (
                spoilt(LATEST, |files| files[0].1 = "other.yaml"),
                "",
                "no configuration: --config-path=/files/config leads to no conf_run.yaml",
            ),
            (
                spoilt(COMET, |files| files[1].1 = "l.txt"),
                "",
                "no file of localizations (*.csv or *.h5): --localizations_path=",
            ),
            (
                spoilt(COMET, |files| files[1].2 = b"frame,x [nm],y [nm]\n"),
                "",
                "'z [nm]' is not a column of /files/data/l.csv",
            ),
            (
                spoilt(COMET, |files| files[0].2 = b"dataset_dimension: 2"),
                "",
                "has no segmentation_method",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let name = format!("job{number}");
            let artifacts: Vec<_> = [artifacts]
                .into_iter()
                .filter(|id| !id.is_empty())
                .collect();
            let job = run_on(&stack, &user, &name, &files, (names, &artifacts)).await;
            assert_eq!(job["status"], "error", "{job}");
            let details = job["runtime_details"].as_str().unwrap();
            assert!(details.contains(reason), "{reason}: {details}");
            let left = outputs(&user).await;
            let of_job = left
                .iter()
                .filter(|path| path.contains(&format!("/{name}/")));
            assert!(
                of_job.clone().all(|path| path.ends_with("log/log.log")),
                "{left:?}"
            );
        }
        stack.stop().await;
    }
}

/// Without the file that is not needed, the command says so itself.
#[tokio::test(flavor = "multi_thread")]
async fn an_optional_input_may_be_missing() {
    let stack = support::start(config(MODES[0], STATE)).await;
    let user = Session::first(&stack).await;
    let (names, files) = spoilt(LATEST, |files| {
        files.retain(|file| !file.1.contains("trafo"));
    });
    let job = run_on(&stack, &user, "run", &files, (names, &[])).await;
    assert_eq!(job["status"], "finished", "{job}");
    stack.stop().await;
}

const OWN: &str = "
mine:
  v1:
    count:
      app: { cmd: ['count', '--in=$(ls /files/in/*.txt | head -n 1)', '--out=/files/out'], env: [] }
      handler: { files_down: { config_id: config, data_ids: in, artifact_ids: in }, files_up: { output: out } }
CONTAINER
";

/// A deployment's configuration with an application of a user's own.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_of_ones_own_runs_as_its_container_is_described() {
    const MINE: Names = ["mine", "v1", "count"];
    const FILES: [File; 2] = [
        ("config", "p.yaml", b"a: 1"),
        ("data", "words.txt", b"one two"),
    ];
    let described = "      container: { reads: [{ argument: --in, name: text }], \
                     writes: [{ argument: --out, file: count.txt, content: { copy_of: --in } }] }";
    for (container, status, left) in [
        (described, "finished", &["output/run/out/count.txt"][..]),
        ("", "error", &[]),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("applications.yaml");
        std::fs::write(&path, OWN.replace("CONTAINER", container)).unwrap();
        let mut config = config(MODES[0], STATE);
        config.applications = Some(path);
        let stack = support::start(config).await;
        let user = Session::first(&stack).await;
        let offered = user.get("/jobs/applications").await.json();
        assert_eq!(
            offered.as_object().unwrap().keys().collect::<Vec<_>>(),
            ["mine"]
        );
        assert!(
            offered["mine"]["v1"]["count"]["container"].is_null(),
            "{offered}"
        );
        let job = run_on(&stack, &user, "run", &FILES, (MINE, &[])).await;
        assert_eq!(job["status"], status, "{job}");
        assert_eq!(outputs(&user).await, left);
        if container.is_empty() {
            let details = job["runtime_details"].as_str().unwrap();
            assert!(details.contains("add the member `container`"), "{details}");
        }
        stack.stop().await;
    }
}
