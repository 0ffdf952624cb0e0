//! The suite: what the frontend's page does, done in a page of the frontend's origin.

#![cfg(target_arch = "wasm32")]

mod access;
mod bench;
mod files;
mod jobs;
mod lifecycle;
mod transfer;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
