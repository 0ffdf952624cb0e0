//! Makes a test of every application file, so that adding a file adds a test.

use std::{env, fmt::Write, fs, path::Path};

const APPLICATIONS: &str = "tests/applications";

fn main() {
    println!("cargo::rerun-if-changed={APPLICATIONS}");
    let mut names: Vec<String> = fs::read_dir(APPLICATIONS)
        .expect("the applications lie beside the suite")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();

    let mut tests = String::new();
    for name in names {
        let is_identifier = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(
            is_identifier,
            "{APPLICATIONS}/{name}.yaml: the name must be made of a-z, 0-9 and _, a letter first"
        );
        writeln!(
            tests,
            "#[wasm_bindgen_test]\n\
             async fn {name}() -> Result<(), Failed> {{ lifecycle({name:?}).await }}\n"
        )
        .expect("a string takes text");
    }
    let out = env::var("OUT_DIR").expect("cargo tells where to write");
    fs::write(Path::new(&out).join("lifecycles.rs"), tests).expect("the tests can be written");
}
