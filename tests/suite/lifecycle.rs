//! The whole flow, once for each application file.

use opencloud_suite::{
    created, lifecycle,
    suite::{self, Failed},
};
use wasm_bindgen_test::wasm_bindgen_test;

// One test for each file in tests/applications, named after it.
include!(concat!(env!("OUT_DIR"), "/lifecycles.rs"));

async fn lifecycle(application: &str) -> Result<(), Failed> {
    let test = format!("lifecycle::{application}");
    let name = created::run_id().name(&test);
    suite::test(&test, &name, async |suite, steps| {
        lifecycle::run(suite, steps, &name, application).await
    })
    .await
}
