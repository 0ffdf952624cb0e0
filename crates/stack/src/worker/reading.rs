//! What the program in a container does with its inputs: it fails where one of them is missing or of
//! another kind.

use std::path::Path;

use opencloud_yaml::Value;

use super::{
    inputs::KEPT,
    shell::Call,
    workspace::{Workspace, matches},
};
use crate::applications::{Kind, Read};

/// Reads an input. The error is the exception that ends the program.
pub(super) fn read(read: &Read, call: &Call, files: &Workspace) -> Result<(), String> {
    let (path, written) = call.argument(&read.argument);
    let (name, argument) = (&read.name, &read.argument);
    let missing =
        || format!("FileNotFoundError: no {name}: {argument}={written} leads to no such file");
    match read.kind {
        Kind::Directory => {
            let wanted = read.holds.as_deref().unwrap_or("*");
            let mut names = files
                .files_below(path)
                .filter_map(|(path, _)| path.rsplit('/').next());
            let is_there = !path.is_empty() && names.any(|name| matches(wanted, name));
            is_there.then_some(()).ok_or_else(|| {
                format!("FileNotFoundError: no {name}: {argument}={written} leads to no {wanted}")
            })
        }
        Kind::Parameters => {
            let content = files.file(path).ok_or_else(missing)?;
            check_parameters(path, content, &read.keys)
        }
        Kind::File => {
            let content = files.file(path).ok_or_else(missing)?;
            check_file(read, path, content)
        }
    }
}

fn check_file(read: &Read, path: &str, content: &[u8]) -> Result<(), String> {
    let mut beginnings = read.begins.iter();
    if !read.begins.is_empty() && !beginnings.any(|bytes| content.starts_with(bytes.as_bytes())) {
        return Err(format!(
            "ValueError: {path} is not a {}: its first bytes are others",
            read.name
        ));
    }
    if Path::new(path)
        .extension()
        .is_none_or(|extension| extension != "csv")
    {
        return Ok(());
    }
    let text = String::from_utf8_lossy(content);
    let header = text.lines().next().unwrap_or_default();
    let columns: Vec<_> = header
        .split(',')
        .map(|column| column.trim().trim_matches('"'))
        .collect();
    let mut wanted = read.columns.iter();
    match wanted.find(|column| !columns.contains(&column.as_str())) {
        Some(column) => Err(format!("KeyError: '{column}' is not a column of {path}")),
        None => Ok(()),
    }
}

fn check_parameters(name: &str, parameters: &[u8], keys: &[String]) -> Result<(), String> {
    if parameters.len() as u64 > KEPT {
        return Err(format!(
            "MemoryError: {name} is too large for a parameter file"
        ));
    }
    let text = str::from_utf8(parameters)
        .map_err(|error| format!("UnicodeDecodeError: {name}: {error}"))?;
    let document =
        opencloud_yaml::read(text).map_err(|error| format!("{}: {name}: {error}", error.kind))?;
    let root = document.root();
    let Value::Mapping(pairs) = root.value() else {
        return Err(format!(
            "AttributeError: {name}: the parameters are not a mapping"
        ));
    };
    let has = |key: &String| {
        let mut found = pairs.iter().map(|(key, _)| root.at(*key).value());
        found.any(|found| matches!(found, Value::Text(text) if text == key))
    };
    match keys.iter().find(|key| !has(key)) {
        Some(key) => Err(format!("KeyError: {name} has no {key}")),
        None => Ok(()),
    }
}
