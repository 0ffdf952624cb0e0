//! The suite: the requests of the frontend, sent from a page of the frontend's origin.

#![cfg(target_arch = "wasm32")]

mod access;
mod advice;
mod authorization;
mod caching;
mod files;
mod fixture;
mod frontend;
mod jobs;
mod leftovers;
mod lifecycle;
mod origins;
mod transfer;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
