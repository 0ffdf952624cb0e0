//! The state that all requests to the UserAPI share.

use crate::{
    applications::Applications, cognito::Cognito, faults::Faults, files::FileSystem, jobs::JobStore,
};

/// The state that all requests share.
pub(crate) struct UserApi {
    /// The one origin whose pages may read answers.
    pub(crate) frontend_origin: String,
    pub(crate) cognito: Cognito,
    pub(crate) files: FileSystem,
    pub(crate) jobs: JobStore,
    pub(crate) applications: Applications,
    pub(crate) faults: Faults,
}
