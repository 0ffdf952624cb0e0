//! Files and jobs that earlier runs have left. Every run reports them; `cargo e2e clean-up` removes them.

use opencloud_model::leftovers::Removal;
use opencloud_suite::{
    clean_up::Leftovers,
    report,
    suite::{self, Failed},
};
use wasm_bindgen_test::wasm_bindgen_test;

tests! { "leftovers":;
    alone: earlier_runs
}

#[wasm_bindgen_test]
async fn earlier_runs() -> Result<(), Failed> {
    let about = "files and jobs that earlier runs have left";
    suite::test(
        crate::all_tests,
        "leftovers::earlier_runs",
        about,
        async |suite, steps| {
            let which = &suite.settings.leftovers;
            let left = steps
                .run("find leftovers", Leftovers::find(suite, which))
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
            let removed = steps.run("remove the leftovers", left.remove(suite)).await;
            removed.and(
                steps
                    .run("the leftovers are gone", left.check_gone(suite))
                    .await,
            )
        },
    )
    .await
}
