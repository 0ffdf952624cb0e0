//! The suite: the requests of the frontend, sent from a page of the frontend's origin.

#![cfg(target_arch = "wasm32")]

mod access;
mod accounts;
mod advice;
mod authorization;
mod caching;
mod cognito_refusal;
mod files;
mod fixture;
mod frontend;
mod jobs;
mod leftovers;
mod lifecycle;
mod origins;
mod transfer;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
