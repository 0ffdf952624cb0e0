//! The users' files, wherever they are kept.

pub(crate) mod archive;
mod error;
pub(crate) mod faulty;
mod file_system;
mod info;
mod local;
mod path;
mod s3;

pub(crate) use self::{
    error::{RenameError, StoreError},
    file_system::{Bucket, FileSystem, Storage, UserFiles},
    info::FileInfo,
    path::UserPath,
};
