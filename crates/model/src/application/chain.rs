//! Applications that run after others.

use super::file::Application;
use crate::settings::ApplicationChoice;

/// Whether a run tests the application file `name`: it is chosen, or one that comes after it is.
#[must_use]
pub fn is_needed(name: &str, files: &[(String, Application)], choice: &ApplicationChoice) -> bool {
    let follows =
        |(_, application): &&(String, Application)| application.after.as_deref() == Some(name);
    let mut later = files.iter().filter(follows);
    choice.includes(name) || later.any(|(later, _)| is_needed(later, files, choice))
}
