//! What all steps of the flow share.

use crate::{report::Steps, suite::Suite, user_api::UserApi};

/// What all steps of the flow share.
pub(super) struct Flow<'a> {
    pub(super) suite: &'a Suite,
    pub(super) api: &'a UserApi,
    pub(super) steps: &'a Steps,
    /// The name of the job and of the directories with its inputs.
    pub(super) name: &'a str,
}
