//! The whole flow, once for each chain of application files.

use opencloud_suite::{
    created,
    lifecycle::{self, Member},
    suite::{self, Failed},
};
use wasm_bindgen_test::wasm_bindgen_test;

// One test for each file in tests/applications that comes after no other, named after it.
include!(concat!(env!("OUT_DIR"), "/lifecycles.rs"));

async fn lifecycle(files: &[&str]) -> Result<(), Failed> {
    let test = |file: &str| format!("lifecycle::{file}");
    let members = files.iter().map(|file| Member {
        file: (*file).to_owned(),
        name: created::run_id().name(&test(file)),
    });
    let members: Vec<_> = members.collect();
    suite::test(
        crate::all_tests,
        &test(files[0]),
        &members[0].name,
        async |suite, steps| lifecycle::run(suite, steps, &members).await,
    )
    .await
}
