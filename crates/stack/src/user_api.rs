//! The UserAPI: files and jobs of a signed-in user.
//!
//! Left out, because no page and no recorded exchange uses them: registering and signing in by
//! form (`POST /user`, `/token`, `/login`) and the documentation pages.

mod access;
mod api;
mod auth;
mod call;
mod cors;
mod errors;
mod faulty;
mod files;
mod jobs;
mod python_json;
mod redirect;
mod route;
mod service;
mod validation;

pub(crate) use self::{
    api::UserApi,
    service::{path_prefix, router},
};
