//! Reads YAML as `PyYAML` does, whose `safe_load` reads the parameters of OpenCloud's applications.
//!
//! Rust's libraries read YAML 1.2, or are built on libyaml: each reads some values as another type and
//! takes files that `PyYAML` refuses, or the reverse. So the scanner, the composer, the resolver and
//! the constructor here follow `PyYAML`'s, function by function, and `tests/pyyaml` holds
//! them to `PyYAML`'s own answers.

mod composer;
mod construct;
mod document;
mod error;
mod node;
mod reader;
mod resolve;
mod scalar;
mod scan;
mod scanner;
mod token;
mod value;

pub use document::{Document, Entry, PathError, Written};
pub use error::{Kind, Refused};
pub use value::Value;

/// Reads the only document of `text`.
pub fn read(text: &str) -> Result<Document, Refused> {
    let scanner = scanner::Scanner::new(reader::Reader::new(text)?);
    let (nodes, root) = composer::compose(scanner)?;
    let (nodes, values) = construct::construct(nodes, root)?;
    Ok(Document::new(nodes, values, root))
}
