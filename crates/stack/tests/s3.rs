//! S3 over real connections: what a page can do with pre-signed requests, and what it cannot.

mod connection;
mod cors;
mod download;
mod service;
mod upload;
