//! The suite: the requests of the frontend, sent from a page of the frontend's origin.

#![cfg(target_arch = "wasm32")]

/// Makes `tests()`, the list of the tests of a module; then those that run `alone`.
macro_rules! tests {
    ($module:literal:
        $($test:path),* $(; alone: $($alone:path),*)?
    ) => {
        pub(crate) fn tests() -> Vec<opencloud_suite::suite::Test> {
            vec![
                $(crate::listed!($module, $test),)*
                $($(crate::listed!($module, $alone).alone(),)*)?
            ]
        }
    };
}

/// An entry of such a list. The test's name is that of the module and its own.
macro_rules! listed {
    ($module:literal, $test:path) => {{
        let own = stringify!($test).rsplit("::").next().unwrap_or_default();
        let name = format!("{}::{}", $module, own.trim());
        opencloud_suite::suite::Test::new(name, || Box::pin($test()))
    }};
}
use listed;

mod access;
mod accounts;
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

/// All tests. Those that take longest come first, so that the others run beside them.
fn all_tests() -> Vec<opencloud_suite::suite::Test> {
    let modules = [
        lifecycle::tests(),
        jobs::tests(),
        frontend::tests(),
        authorization::tests(),
        origins::tests(),
        files::tests(),
        transfer::tests(),
        accounts::tests(),
        advice::tests(),
        caching::tests(),
        access::tests(),
        leftovers::tests(),
    ];
    modules.into_iter().flatten().collect()
}
