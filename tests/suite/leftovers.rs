//! What earlier runs have left. Every run tells of it; `cargo e2e clean-up` removes it.

use opencloud_model::leftovers::Removal;
use opencloud_suite::{
    clean_up::Leftovers,
    report,
    suite::{self, Failed},
};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn earlier_runs() -> Result<(), Failed> {
    let about = "what earlier runs have left";
    suite::test("leftovers::earlier_runs", about, async |suite, steps| {
        let which = &suite.settings.leftovers;
        let left = steps
            .run("look for it", Leftovers::find(suite, which))
            .await?;
        if left.is_empty() {
            return Ok(());
        }
        let removal = &suite.settings.removal;
        if *removal == Removal::Nothing {
            report::write(&left.event(suite));
            return Ok(());
        }
        let left = left.to_remove(removal);
        report::write(&left.event(suite));
        let removed = steps.run("remove it", left.remove(suite)).await;
        removed.and(steps.run("it is gone", left.are_gone(suite)).await)
    })
    .await
}
