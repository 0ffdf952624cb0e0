//! The page of files: opening, making, renaming and deleting folders.

use opencloud_suite::suite::Failed;
use wasm_bindgen_test::wasm_bindgen_test;

use super::call::{
    self, Call,
    Expected::{NotRenamed, Refused, Renamed, Success},
};
use crate::fixture::with_fixture;

const NOT_ALLOWED: &str = "Method Not Allowed";

/// What a user does with folders, in this order. A new folder is always called `new`. A new path is the
/// directory's, which ends in a slash, then a slash and the typed name. The field for that shows the
/// entry's name, with the slash of a folder.
const CALLS: &[Call] = &[
    Call::get(
        "browse the root",
        "/files//?show_dirs=True&recursive=False",
        &["artifact/", "config/", "data/", "log/", "output/"],
    ),
    Call::post(
        "new folder in the root",
        "/files/new/",
        Refused(405, NOT_ALLOWED),
    ),
    Call::post(
        "upload into the root",
        "/files//url",
        Refused(405, NOT_ALLOWED),
    ),
    Call::post("new folder", "/files/config/{name}/new/", Success),
    Call::get(
        "open the directory",
        "/files/config/{name}/?show_dirs=True&recursive=False",
        &["config/{name}/new/"],
    ),
    Call::get(
        "open the empty folder",
        "/files/config/{name}/new/?show_dirs=True&recursive=False",
        &[],
    ),
    Call::put(
        "rename an empty folder with its slash",
        "/files/config/{name}/new/",
        Renamed("config/{name}//newer/"),
    ),
    Call::put(
        "rename an empty folder without its slash",
        "/files/config/{name}/newer/",
        Renamed("config/{name}//newest"),
    ),
    Call::post(
        "new folder in a folder that does not exist",
        "/files/config/{name}/nowhere/new/",
        Success,
    ),
    Call::get(
        "open that folder",
        "/files/config/{name}/nowhere/?show_dirs=True&recursive=False",
        &["config/{name}/nowhere/new/"],
    ),
    Call::get(
        "download a folder without files as a zip",
        "/files/config/{name}/nowhere/?show_dirs=false&recursive=true",
        &[],
    ),
    Call::put(
        "rename a folder that is not empty",
        "/files/config/{name}/nowhere/",
        NotRenamed(
            "config/{name}//somewhere/",
            405,
            "Cannot rename a non-empty directory",
        ),
    ),
    Call::delete(
        "delete an empty folder",
        "/files/config/{name}/nowhere/new/",
    ),
    Call::delete("delete a folder", "/files/config/{name}/nowhere/"),
    Call::delete(
        "delete a folder that is gone",
        "/files/config/{name}/nowhere/",
    ),
];

#[wasm_bindgen_test]
pub(super) async fn file_browser() -> Result<(), Failed> {
    with_fixture("frontend::file_browser", async |fixture| {
        let directory = fixture.directory("config");
        fixture.created.add_directory(&directory);
        call::make(fixture, CALLS).await
    })
    .await
}
