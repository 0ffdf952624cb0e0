use std::path::Path;

use super::{
    yaml::{EditError, Scalar},
    *,
};
use crate::settings::{ApplicationChoice, Device};

const PARAMETERS: &str = "\
# Parameters – of an experiment
Camera:  # EMCCD
  baseline: 398.6   # ADU
  preset:   # none
Simulation: {test_size: 512, 'mode': acquisition}
Hardware:
  device: 'cuda:0'
  list:
    - device: no
HyperParameter:
    epochs: 1000\r\n    lr: 1e-7
    text: |
      device: cpu
";

fn set(path: &str, value: &str) -> Result<String, String> {
    let value: Scalar = serde_yaml::from_str(value).unwrap();
    yaml::set(PARAMETERS, path, &value).map_err(|error| error.to_string())
}

#[track_caller]
fn replaced(path: &str, value: &str, from: &str, to: &str) {
    assert_eq!(PARAMETERS.matches(from).count(), 1);
    assert_eq!(set(path, value).unwrap(), PARAMETERS.replace(from, to));
}

#[test]
fn only_the_scalar_changes() {
    replaced("HyperParameter.epochs", "1", "epochs: 1000", "epochs: 1");
    replaced("Camera.baseline", "100.0", "398.6", "100.0");
    replaced("Simulation.test_size", "64", "512", "64");
    replaced("Simulation.mode", "simulated", "acquisition", "simulated");
    replaced("Hardware.device", "cpu", "'cuda:0'", "cpu");
    replaced("HyperParameter.lr", "0.0000002", "1e-7", "2.0e-7");
}

#[test]
fn a_key_without_a_value_gets_one() {
    replaced(
        "Camera.preset",
        "Ixon",
        "preset:   # none",
        "preset: Ixon   # none",
    );
}

#[test]
fn what_cannot_be_set_is_named() {
    assert_eq!(
        set("Camera.gain", "1").unwrap_err(),
        "there is no key Camera.gain to set"
    );
    assert_eq!(
        set("device", "1").unwrap_err(),
        "there is no key device to set"
    );
    for path in ["Camera", "Hardware.list", "HyperParameter.text"] {
        assert_eq!(
            set(path, "1").unwrap_err(),
            format!("the key {path} does not hold a single value that could be set")
        );
    }
    let twice = yaml::set("0: 1\n'0': 2\n", "0", &Scalar::Int(3)).unwrap_err();
    assert_eq!(twice, EditError::Ambiguous("0".into()));
    let alias = yaml::set("a: &x 1\nb: *x\n", "b", &Scalar::Int(3)).unwrap_err();
    assert_eq!(alias, EditError::NotScalar("b".into()));
    assert_eq!(
        yaml::set("a: [", "a", &Scalar::Int(3))
            .unwrap_err()
            .to_string(),
        "it is not YAML: line 1, column 5: expected the node content, but found \"<stream end>\""
    );
    let merged =
        "base: &cam {baseline: 1, em_gain: 2}\nCamera: {<<: *cam, em_gain: 3}\nother: *cam\n";
    for path in ["Camera.baseline", "other.baseline"] {
        let error = yaml::set(merged, path, &Scalar::Int(3)).unwrap_err();
        assert_eq!(error, EditError::Elsewhere(path.into()));
    }
    for empty in [
        "{a, b: 1}",
        "? a\n",
        "a: one\n  two\n",
        "a: !!float 1\n",
        "a: &x 1\n",
    ] {
        let error = yaml::set(empty, "a", &Scalar::Int(3)).unwrap_err();
        assert_eq!(error, EditError::NotScalar("a".into()), "{empty}");
    }
    // YAML folds the space away, and allows no U+FFFE.
    for text in ["x \u{2028}y", "\u{fffe}"] {
        let error = yaml::set("a: 1", "a", &Scalar::Text(text.into())).unwrap_err();
        assert_eq!(error, EditError::BadValue("a".into()), "{text:?}");
    }
}

/// The value that counts is set, under the key as it is written or as its value is.
#[test]
fn the_value_that_pyyaml_reads_is_set() {
    for (text, path, expected) in [
        ("a: 1\na: 2\n", "a", "a: 1\na: 7\n"),
        ("a: {b: 1}\na: {b: 2}\n", "a.b", "a: {b: 1}\na: {b: 7}\n"),
        ("1: a\n1.0: b\n", "1", "1: a\n1.0: 7\n"),
        ("Camera: {0: {b: 1}}", "Camera.0.b", "Camera: {0: {b: 7}}"),
        ("010: a", "8", "010: 7"),
        ("010: a", "010", "010: 7"),
        ("~: a", "null", "~: 7"),
        ("yes: a", "yes", "yes: 7"),
        ("yes: a", "true", "yes: 7"),
        ("2020-01-01: a", "2020-01-01", "2020-01-01: 7"),
        ("a.b: 1", "a.b", "a.b: 7"),
        (
            "x: &x {b: 1}\na: {<<: *x, b: 2}",
            "a.b",
            "x: &x {b: 1}\na: {<<: *x, b: 7}",
        ),
        ("a:\n  <<: {b: 1}\n", "a.b", "a:\n  <<: {b: 7}\n"),
        ("{\"a\":1}", "a", "{\"a\":7}"),
        ("{\"a\":}", "a", "{\"a\": 7}"),
        ("\u{feff}größe: 1 # ü\n", "größe", "\u{feff}größe: 7 # ü\n"),
        ("a: 1\r\nb: 2\r\n", "b", "a: 1\r\nb: 7\r\n"),
    ] {
        let changed = yaml::set(text, path, &Scalar::Int(7));
        assert_eq!(changed.as_deref(), Ok(expected), "{path}");
    }
}

#[test]
fn scalars_are_written_as_yaml_1_1_reads_them() {
    let written = |value: Scalar| value.to_string();
    let text = |value: &str| written(Scalar::Text(value.into()));
    assert_eq!(written(Scalar::Float(1e-7)), "1.0e-7");
    assert_eq!(written(Scalar::Float(1e22)), "1.0e+22");
    assert_eq!(written(Scalar::Float(2.5)), "2.5");
    assert_eq!(written(Scalar::Float(3.0)), "3.0");
    assert_eq!(written(Scalar::Bool(true)), "true");
    assert_eq!(text("cuda"), "cuda");
    for quoted in [
        "cuda:0",
        "yes",
        "NO",
        "null",
        "12",
        "2020-01-01",
        "",
        "1e3",
        "a b",
        "~",
    ] {
        assert_eq!(text(quoted), format!("'{quoted}'"));
    }
    assert_eq!(text("it's"), "'it''s'");
    assert!(yaml::set(PARAMETERS, "Camera.baseline", &Scalar::Text("a\nb".into())).is_err());
}

const APPLICATION: &str = "\
application: decode
version: v0_10_1
entrypoint: train
inputs:
  - file: param_run_in.yaml
    to: config
    set:
      Hardware.device: { cpu: cpu, gpu: cuda }
outputs:
  - directory: artifact
    file: '*.pt'
  - directory: artifact
    file: param_run_in.yaml
    unchanged: [{ key: Camera.baseline, input: param_run_in.yaml }]
";

#[test]
fn an_application_file_says_what_goes_in_and_comes_out() {
    let application = Application::parse("demo", APPLICATION).unwrap();
    let input = &application.inputs[0];
    assert!(
        application
            .prepared(input, PARAMETERS, Device::Gpu)
            .unwrap()
            .contains("device: cuda\n")
    );
    assert!(
        application
            .prepared(input, PARAMETERS, Device::Cpu)
            .unwrap()
            .contains("device: cpu\n")
    );
    let [model, parameters] = &application.outputs[..] else {
        panic!("{application:?}");
    };
    assert!(model.matches("model_0.pt") && !model.matches(".pt") && !model.matches("pt"));
    assert!(parameters.matches("param_run_in.yaml") && !parameters.matches("x_param_run_in.yaml"));
}

#[track_caller]
fn application_error(from: &str, to: &str) -> String {
    assert!(APPLICATION.contains(from));
    Application::parse("demo", &APPLICATION.replace(from, to))
        .unwrap_err()
        .to_string()
}

#[test]
fn trouble_in_an_application_file_is_told_with_its_place() {
    let unknown = application_error("version: v0_10_1", "versoin: v0_10_1");
    assert!(
        unknown.starts_with("tests/applications/demo.yaml: unknown field `versoin`"),
        "{unknown}"
    );
    assert!(unknown.contains("line 2"), "{unknown}");
    assert!(application_error("to: config", "to: data").contains("must go to config"));
    assert!(application_error("to: config", "to: output").contains("unknown variant `output`"));
    assert!(
        application_error("file: param_run_in.yaml\n    to", "file: ../x\n    to")
            .contains("not a file name")
    );
    assert!(
        application_error("input: param_run_in.yaml", "input: other").contains("no input other")
    );
    assert!(
        application_error(
            "file: param_run_in.yaml\n    unchanged",
            "file: '*.yaml'\n    unchanged"
        )
        .contains("may be several files")
    );
    for no_pattern in ["/x", "x/", "x//y", "../x", "''"] {
        let error = application_error("'*.pt'", no_pattern);
        assert!(error.contains("is no name and no pattern"), "{error}");
    }
    for negative in ["-1", "1.5", "much"] {
        let error = application_error(
            "file: '*.pt'",
            &format!("file: '*.pt'\n    least_bytes: {negative}"),
        );
        assert!(error.contains("least_bytes: invalid"), "{error}");
    }
}

#[test]
fn outputs_are_found_by_name_or_by_path() {
    for (pattern, matching, others) in [
        (
            "log.log",
            &["log/log.log", "log.log"][..],
            &["log/a_log.log", "log.log/x"][..],
        ),
        (
            "*.pt",
            &["model/model_0.pt"],
            &["model/.pt", "model/model.pt.txt"],
        ),
        (
            "model/*.pt",
            &["model/model_0.pt"],
            &["output/a.pt", "a.pt", "a/model/b.pt", "model/a/b.pt"],
        ),
        (
            "model/model_*.p*",
            &["model/model_0.pt", "model/model_.p"],
            &["model/model.pt"],
        ),
        ("a*b*b", &["abb", "a1b2b", "abbbb"], &["ab", "abc", "bab"]),
        ("*", &["anything", "in/any"], &[".hidden", "in/.hidden"]),
    ] {
        let output = Output {
            directory: OutputDirectory::Artifact,
            file: pattern.into(),
            least_bytes: 0,
            unchanged: Vec::new(),
        };
        for path in matching {
            assert!(output.matches(path), "{pattern} {path}");
        }
        for path in others {
            assert!(!output.matches(path), "{pattern} {path}");
        }
    }
}

/// Application files with these names, each after the one of the name behind it.
fn files(all: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, after) in all {
        let after = match *after {
            "" => String::new(),
            after => format!("after: {after}\n"),
        };
        let text = format!("{after}{APPLICATION}");
        std::fs::write(directory.path().join(format!("{name}.yaml")), text).unwrap();
        std::fs::create_dir(directory.path().join(name)).unwrap();
        let input = directory.path().join(name).join("param_run_in.yaml");
        let text = "Hardware:\n  device: cpu\nCamera:\n  baseline: 1\n";
        std::fs::write(input, text).unwrap();
    }
    directory
}

#[test]
fn chains_across_missing_files_and_circles_are_refused() {
    let problem = |all: &[(&str, &str)]| check_all(files(all).path()).unwrap_err().to_string();
    assert_eq!(
        problem(&[("a", ""), ("b", "c")]),
        "tests/applications/b.yaml: after: there is no file tests/applications/c.yaml"
    );
    for (all, circle) in [
        (
            &[("a", "a")][..],
            "a.yaml: after: a circle of applications, a after a",
        ),
        (
            &[("a", "b"), ("b", "a")],
            "b.yaml: after: a circle of applications, a after b after a",
        ),
        (
            &[("a", "b"), ("b", "c"), ("c", "b")],
            "c.yaml: after: a circle of applications, a after b after c after b",
        ),
    ] {
        assert_eq!(problem(all), format!("tests/applications/{circle}"));
    }
}

#[test]
fn an_application_is_needed_if_it_or_a_later_one_is_chosen() {
    let all = files(&[
        ("fit", "train"),
        ("refit", "fit"),
        ("train", ""),
        ("other", ""),
    ]);
    let all = check_all(all.path()).unwrap();
    let needed = |chosen: &[&str]| {
        let chosen = chosen.iter().map(|name| (*name).to_owned()).collect();
        let choice = ApplicationChoice::Only(chosen);
        let names = all.iter().map(|(name, _)| name.as_str());
        names
            .filter(|name| is_needed(name, &all, &choice))
            .collect::<Vec<_>>()
    };
    assert_eq!(needed(&["train"]), ["train"]);
    assert_eq!(needed(&["fit"]), ["fit", "train"]);
    assert_eq!(
        needed(&["refit", "other"]),
        ["fit", "other", "refit", "train"]
    );
    assert!(is_needed("other", &all, &ApplicationChoice::All));
}

#[test]
fn the_bundled_applications_are_sound() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/applications");
    let applications = check_all(&directory).unwrap();
    assert!(
        applications
            .iter()
            .any(|(name, _)| name == "decode_v0_10_1_train")
    );
}

#[test]
fn a_missing_input_or_key_is_named_before_anything_starts() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let problem = || check_all(directory.path()).unwrap_err().to_string();
    write("demo.yaml", APPLICATION);
    assert!(problem().contains("demo/param_run_in.yaml cannot be read"));
    std::fs::create_dir(directory.path().join("demo")).unwrap();
    write("demo/param_run_in.yaml", "Hardware:\n  other: 1\n");
    assert_eq!(
        problem(),
        "tests/applications/demo/param_run_in.yaml: there is no key Hardware.device to set"
    );
    for (input, wrong) in [
        (
            "Hardware:\n  device: 1\n",
            "there is no key Camera.baseline, which must be unchanged in an output",
        ),
        (
            "Hardware: {device: 1}\nCamera: {baseline: 1}\nCamera: {em_gain: 2}\n",
            "there is no key Camera.baseline, which must be unchanged in an output",
        ),
        (
            "Hardware:\n\tdevice: 1\n",
            "it is not YAML: line 2, column 1: found character '\\t' that cannot start any token",
        ),
        (
            "Hardware: &h {device: 1}\nCamera: {baseline: *b}\n",
            "it is not YAML: line 2, column 20: found undefined alias \"b\"",
        ),
        (
            "x: &x {device: 1}\nHardware: *x\nCamera: {baseline: 1}\n",
            "the key Hardware.device comes from another mapping, through an alias or <<, so it cannot be \
             set alone",
        ),
    ] {
        write("demo/param_run_in.yaml", input);
        let file = "tests/applications/demo/param_run_in.yaml";
        assert_eq!(problem(), format!("{file}: {wrong}"));
    }
    for input in [
        "Hardware:\n  device: 1\nCamera:\n  baseline: 1\n",
        "b: &b {baseline: 1}\nHardware: {device: 1}\nCamera: {<<: *b}\n",
        "Hardware: {device: 1}\nCamera: {baseline: 1}\nCamera: {baseline: 2}\n",
    ] {
        write("demo/param_run_in.yaml", input);
        assert_eq!(check_all(directory.path()).unwrap().len(), 1);
    }
}

/// An input without `set` is read as well, if an output must have a value of it.
#[test]
fn an_input_that_is_only_compared_is_tried_as_well() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    let set = "    set:\n      Hardware.device: { cpu: cpu, gpu: cuda }\n";
    assert!(APPLICATION.contains(set));
    write("demo.yaml", &APPLICATION.replace(set, ""));
    std::fs::create_dir(directory.path().join("demo")).unwrap();
    write("demo/param_run_in.yaml", "Camera: {0: {baseline: 1}}\n");
    assert_eq!(
        check_all(directory.path()).unwrap_err().to_string(),
        "tests/applications/demo/param_run_in.yaml: there is no key Camera.baseline, which must be \
         unchanged in an output"
    );
    write("demo/param_run_in.yaml", "Camera: {baseline: 1}\n");
    assert_eq!(check_all(directory.path()).unwrap().len(), 1);
}

#[test]
fn the_inputs_of_a_job_lie_apart_from_its_outputs() {
    let outputs = ["output", "log", "artifact"].map(|directory| format!("{directory}/run/"));
    for directory in [
        InputDirectory::Config,
        InputDirectory::Data,
        InputDirectory::Artifact,
    ] {
        let inputs = format!("{}/{}/", directory.name(), directory.inputs_of("run"));
        assert!(!outputs.contains(&inputs), "{inputs}");
    }
}
