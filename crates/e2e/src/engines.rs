//! Which engines' browsers a run is for.

use opencloud_browser::engine::{ENGINES, Engine};

/// The value that stands for all of them.
const ALL: &str = "all";

/// The engines that `list` names, with commas between the names, in their usual order; the usual one if it
/// names none.
pub(crate) fn chosen(list: &str) -> Result<Vec<&'static dyn Engine>, String> {
    let names: Vec<_> = list
        .split(',')
        .map(|name| name.trim().to_lowercase())
        .collect();
    let is_meant =
        |engine: &&&dyn Engine| names.iter().any(|name| name == engine.id() || name == ALL);
    let is_known = |name: &&String| {
        name.is_empty() || *name == ALL || ENGINES.iter().any(|engine| engine.id() == *name)
    };
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        let known: Vec<_> = ENGINES.iter().map(|engine| engine.id()).collect();
        return Err(format!(
            "{unknown} is not a browser of the suite; these are: {} ({ALL} stands for all)",
            known.join(", ")
        ));
    }
    let mut chosen: Vec<_> = ENGINES.iter().filter(is_meant).copied().collect();
    if chosen.is_empty() {
        chosen.push(ENGINES[0]);
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_chosen_by_their_names() {
        let ids = |list: &str| -> Result<Vec<_>, String> {
            Ok(chosen(list)?.iter().map(|engine| engine.id()).collect())
        };
        assert_eq!(ids(""), Ok(vec!["chromium"]));
        assert_eq!(ids("firefox"), Ok(vec!["firefox"]));
        assert_eq!(
            ids("Firefox, chromium,firefox"),
            Ok(vec!["chromium", "firefox"])
        );
        assert_eq!(ids("all").unwrap().len(), ENGINES.len());
        let error = ids("firefox,opera").unwrap_err();
        assert!(
            error.starts_with("opera ") && error.contains("chromium, firefox"),
            "{error}"
        );
    }
}
