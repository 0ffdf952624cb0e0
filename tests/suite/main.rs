//! The suite: what the frontend's page does, done in a page of the frontend's origin.

#![cfg(target_arch = "wasm32")]

mod access;
mod advice;
mod bench;
mod files;
mod intruders;
mod jobs;
mod leftovers;
mod lifecycle;
mod origins;
mod transfer;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
