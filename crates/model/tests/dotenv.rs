//! The reader of `.env` against python-dotenv and Docker Compose. `dotenv/answers.py` has written how
//! these read the files beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use opencloud_model::settings::dotenv;
use serde::Deserialize;

type Values = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Document {
    answers: BTreeMap<String, Answers>,
}

/// How others read a file; `None` where they refuse it.
#[derive(Deserialize)]
struct Answers {
    python_dotenv: Option<Values>,
    python_dotenv_without_variables: Option<Values>,
    docker_compose: Option<Values>,
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dotenv")
}

fn answers() -> BTreeMap<String, Answers> {
    let text = fs::read_to_string(directory().join("answers.json")).unwrap();
    serde_json::from_str::<Document>(&text).unwrap().answers
}

#[test]
fn every_file_has_answers() {
    let paths = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "env"));
    let names: BTreeSet<_> = files
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, answers().into_keys().collect());
}

#[test]
fn files_are_read_as_the_others_do_or_a_line_says_so() {
    for (name, others) in answers() {
        let text = fs::read_to_string(directory().join(format!("{name}.env"))).unwrap();
        let python = others.python_dotenv_without_variables;
        let docker_compose = others.docker_compose;
        let agreed = others.python_dotenv == docker_compose;
        let document = match dotenv::read(&text) {
            Ok(document) => document,
            Err(error) => {
                // No line is refused that python-dotenv can read.
                assert_eq!(python, None, "{name}: {error}");
                continue;
            }
        };
        let entries = document.entries.into_iter();
        let ours: Values = entries.map(|entry| (entry.key, entry.value)).collect();
        let ours = Some(ours);
        let (notes, without_effect): (Vec<_>, Vec<_>) = document
            .notes
            .iter()
            .map(ToString::to_string)
            .partition(|note| !note.contains("sets nothing"));
        let about = format!("{name}: {ours:?} {notes:?}");
        if agreed && ours == docker_compose {
            assert!(notes.is_empty(), "{about}");
            continue;
        }
        assert!(!notes.is_empty() || !without_effect.is_empty(), "{about}");
        for note in notes {
            if note.contains("as Docker Compose does") {
                assert_eq!(ours, docker_compose, "{about}");
            } else {
                assert_eq!(ours, python, "{about}");
            }
        }
        assert!(ours == python || ours == docker_compose, "{about}");
    }
}
