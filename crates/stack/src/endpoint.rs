//! The calls that the frontend makes, and the services that answer them.

/// One of the services that a page talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    UserApi,
    Cognito,
    S3,
}

/// A call. A service notes it among the extensions of its answer, for the layers around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Welcome,
    AccessInfo,
    /// What the UserAPI says about itself.
    OpenApi,
    /// For the `WorkerAPI` alone.
    JobStatus,
    User,
    List,
    NewFolder,
    UploadUrl,
    /// The second step of an upload: to S3, or to the UserAPI itself.
    Upload,
    Rename,
    DownloadUrl,
    /// The second step of a download, likewise.
    Download,
    DeleteFile,
    Applications,
    CreateJob,
    ListJobs,
    ShowJob,
    DeleteJob,
    SignUp,
    ConfirmSignUp,
    ResendConfirmationCode,
    ForgotPassword,
    ConfirmForgotPassword,
    InitiateAuth,
    RespondToAuthChallenge,
    GetUser,
    RevokeToken,
}
