//! Makes a test of every chain of application files, so that adding a file adds a test, or a part of one.

use std::{cmp::Reverse, collections::BTreeMap, env, fmt::Write, fs, path::Path};

use serde_yaml::Value;

const APPLICATIONS: &str = "tests/applications";

/// Application files by their names, each with the one that it comes after.
type Files = BTreeMap<String, Option<String>>;

fn main() {
    println!("cargo::rerun-if-changed={APPLICATIONS}");
    let files = read();
    let mut tests = String::new();
    let first: Vec<_> = files
        .keys()
        .filter(|name| files[*name].is_none())
        .map(String::as_str)
        .collect();
    let mut chains = Vec::new();
    for name in first {
        let mut chain = Vec::new();
        add_with_later(name, &files, &mut chain);
        writeln!(
            tests,
            "#[wasm_bindgen_test]\n\
             async fn {name}() -> Result<(), Failed> {{ lifecycle(&{chain:?}).await }}\n"
        )
        .expect("a string takes text");
        chains.push(chain);
    }
    // The longest one first, because others run beside it.
    chains.sort_by_key(|chain| Reverse(chain.len()));
    let names: Vec<_> = chains.iter().map(|chain| chain[0]).collect();
    writeln!(tests, "tests! {{ \"lifecycle\": {} }}", names.join(", "))
        .expect("a string takes text");
    let names: Vec<_> = files.keys().collect();
    let list = format!(
        "/// The names of all application files.\nconst APPLICATIONS: &[&str] = &{names:?};\n"
    );
    let out = env::var("OUT_DIR").expect("cargo tells where to write");
    for (file, text) in [("lifecycles.rs", tests), ("applications.rs", list)] {
        fs::write(Path::new(&out).join(file), text).expect("the tests can be written");
    }
}

fn read() -> Files {
    let paths = fs::read_dir(APPLICATIONS)
        .expect("the applications lie beside the suite")
        .map(|entry| entry.expect("the directory can be read").path());
    let paths = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    let mut files = Files::new();
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let is_identifier = name.starts_with(|c: char| c.is_ascii_lowercase())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(
            is_identifier,
            "{APPLICATIONS}/{name}.yaml: the name must be made of a-z, 0-9 and _, a letter first"
        );
        // The suite says what is wrong with a file, in a line. Here it is enough that it has a test.
        let text = fs::read_to_string(&path).unwrap_or_default();
        let document: Value = serde_yaml::from_str(&text).unwrap_or_default();
        let after = document.get("after").and_then(Value::as_str);
        files.insert(name.into_owned(), after.map(ToOwned::to_owned));
    }
    files
}

/// Adds a file to the chain, and those that come after it.
fn add_with_later<'a>(name: &'a str, files: &'a Files, chain: &mut Vec<&'a str>) {
    chain.push(name);
    for (later, after) in files {
        if after.as_deref() == Some(name) {
            add_with_later(later, files, chain);
        }
    }
}
