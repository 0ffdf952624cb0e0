//! What the program in a container does with its inputs: it fails where one of them is missing or of
//! another kind.

use std::path::Path;

use super::{
    inputs::KEPT,
    shell::Call,
    workspace::{Workspace, matches},
};
use crate::applications::{Kind, Read};

/// How many brackets may be nested in parameters. Python's limit is a little higher; the parser
/// used here takes time that grows with the square of the depth.
const DEEPEST: usize = 500;

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
            "ValueError: {path} is no {}: its first bytes are others",
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
        Some(column) => Err(format!("KeyError: '{column}' is no column of {path}")),
        None => Ok(()),
    }
}

fn check_parameters(name: &str, parameters: &[u8], keys: &[String]) -> Result<(), String> {
    if parameters.len() as u64 > KEPT {
        return Err(format!(
            "MemoryError: {name} is too large for a parameter file"
        ));
    }
    if depth(parameters) > DEEPEST {
        return Err(format!(
            "RecursionError: {name}: maximum recursion depth exceeded"
        ));
    }
    let parsed: serde_yaml::Value = serde_yaml::from_slice(parameters)
        .map_err(|error| format!("yaml.scanner.ScannerError: {name}: {error}"))?;
    let Some(mapping) = parsed.as_mapping() else {
        return Err(format!(
            "AttributeError: {name}: the parameters are no mapping"
        ));
    };
    match keys.iter().find(|key| !mapping.contains_key(key.as_str())) {
        Some(key) => Err(format!("KeyError: {name} has no {key}")),
        None => Ok(()),
    }
}

/// The largest number of nested brackets, those in strings included.
fn depth(yaml: &[u8]) -> usize {
    let (_, deepest) = yaml.iter().fold((0_usize, 0), |(depth, deepest), byte| {
        let depth = match byte {
            b'[' | b'{' => depth + 1,
            b']' | b'}' => depth.saturating_sub(1),
            _ => depth,
        };
        (depth, deepest.max(depth))
    });
    deepest
}
