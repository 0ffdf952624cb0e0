//! The names that a run gives to what it makes.

use opencloud_model::leftovers::PREFIX;

/// What the names of all begin with that the run makes, by a test whose name for its own things is
/// told as what it is about.
pub(super) fn names_of_run(test: &str, about: &str) -> Option<String> {
    let names = about.strip_suffix(&test.replace("::", "_"))?;
    let names = names.strip_suffix('_')?;
    names.starts_with(PREFIX).then(|| names.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_makes_something_tells_the_names_of_the_run() {
        let run = "integration_test_20260101T000000Z_0000beef";
        let told = names_of_run("files::browse", &format!("{run}_files_browse"));
        assert_eq!(told.as_deref(), Some(run));
        assert_eq!(names_of_run("access::user", "the user"), None);
    }
}
