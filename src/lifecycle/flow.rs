//! What all steps of an application's flow share.

use opencloud_model::{application::Application, event::Failure};

use crate::{
    report::{StepFailure, Steps},
    suite::Suite,
    user_api::UserApi,
};

/// What all steps of an application's flow share.
pub(super) struct Flow<'a> {
    pub(super) suite: &'a Suite,
    pub(super) api: &'a UserApi,
    pub(super) steps: &'a Steps,
    /// The name of the application's file.
    pub(super) file: &'a str,
    pub(super) application: &'a Application,
    /// The name of the job and of the directories with its inputs.
    pub(super) name: &'a str,
    /// The name of the job whose artifacts are inputs of this one.
    pub(super) earlier: Option<&'a str>,
}

impl Flow<'_> {
    /// Runs a step. In a chain, the steps of the later applications say to which they belong.
    pub(super) async fn step<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, impl Into<Failure>>>,
    ) -> Result<T, StepFailure> {
        let name = match self.earlier {
            Some(_) => &format!("{}: {name}", self.file),
            None => name,
        };
        self.steps.run(name, work).await
    }
}
