//! The tags of plain scalars, by their text (YAML 1.1).

use std::sync::LazyLock;

use regex_lite::Regex;

pub(crate) const NULL: &str = "tag:yaml.org,2002:null";
pub(crate) const BOOL: &str = "tag:yaml.org,2002:bool";
pub(crate) const INT: &str = "tag:yaml.org,2002:int";
pub(crate) const FLOAT: &str = "tag:yaml.org,2002:float";
pub(crate) const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";
pub(crate) const BINARY: &str = "tag:yaml.org,2002:binary";
pub(crate) const STR: &str = "tag:yaml.org,2002:str";
pub(crate) const SEQ: &str = "tag:yaml.org,2002:seq";
pub(crate) const MAP: &str = "tag:yaml.org,2002:map";
pub(crate) const SET: &str = "tag:yaml.org,2002:set";
pub(crate) const OMAP: &str = "tag:yaml.org,2002:omap";
pub(crate) const PAIRS: &str = "tag:yaml.org,2002:pairs";
pub(crate) const MERGE: &str = "tag:yaml.org,2002:merge";
pub(crate) const VALUE: &str = "tag:yaml.org,2002:value";

/// What a plain scalar is: the first that matches. `1e-7` is none of them, because a float has a point.
static RESOLVERS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let resolvers = [
        (
            BOOL,
            "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
        ),
        (
            FLOAT,
            r"[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?
            |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?
            |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
            |[-+]?\.(?:inf|Inf|INF)
            |\.(?:nan|NaN|NAN)",
        ),
        (
            INT,
            r"[-+]?0b[0-1_]+
            |[-+]?0[0-7_]+
            |[-+]?(?:0|[1-9][0-9_]*)
            |[-+]?0x[0-9a-fA-F_]+
            |[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
        ),
        (MERGE, "<<"),
        (NULL, "~|null|Null|NULL|"),
        (
            TIMESTAMP,
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}
            |[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?
            (?:[Tt]|[\ \t]+)[0-9][0-9]?
            :[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
            (?:[\ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?",
        ),
        (VALUE, "="),
    ];
    let compiled = resolvers.into_iter().filter_map(|(tag, pattern)| {
        let regex = Regex::new(&format!("(?x)^(?:{pattern})$"));
        Some((tag, regex.ok()?))
    });
    compiled.collect()
});

/// The tag of a plain scalar.
pub(crate) fn resolve(text: &str) -> &'static str {
    let found = RESOLVERS.iter().find(|(_, regex)| regex.is_match(text));
    found.map_or(STR, |(tag, _)| tag)
}
