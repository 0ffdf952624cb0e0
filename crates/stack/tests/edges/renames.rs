//! Renames on a disk, which are the operating system's: `f` and `g` are files, `d/` and `e/` are empty
//! directories, `full/` holds the file `h`.

use crate::edges::{ask::Ask, table::Edge};

const NOT_FOUND: &str = r#"404 {"detail":"Not Found"}"#;
const NOT_A_DIRECTORY: &str = r#"404 {"detail":"Path is not a directory"}"#;
const NOT_EMPTY: &str = r#"405 {"detail":"Cannot rename a non-empty directory"}"#;
const FAILS: &str = "500 Internal Server Error";

/// Nothing has happened.
const UNCHANGED: &str = "d/ e/ f1 full/ full/h3 g2";

const OWN_PATHS: &str = "the text names the user's paths, and not the server's";
const READABLE: &str = "a page can read why, and no page can read an unhandled error";

const fn rename(
    from: &'static str,
    to: &'static str,
    real: &'static str,
    left: &'static str,
) -> Edge {
    Edge::new(Ask::Rename(from, to), real).local().leaves(left)
}

// A row a line.
#[rustfmt::skip]
pub(crate) const ROWS: &[Edge] = &[
    rename("f", "config/c//n", r#"200 {"path":"config/c//n","type":"file","size":"1 Byte"}"#, "d/ e/ full/ full/h3 g2 n1"),
    rename("f", "config/c//n/", NOT_A_DIRECTORY, "d/ e/ f1 full/ full/h3 g2 n/"),
    rename("f", "config/c//n/m/", NOT_A_DIRECTORY, "d/ e/ f1 full/ full/h3 g2 n/ n/m/"),
    rename("f", "config/c//g", r#"200 {"path":"config/c//g","type":"file","size":"1 Byte"}"#, "d/ e/ full/ full/h3 g1"),
    rename("f", "config/c//g/", FAILS, UNCHANGED),
    rename("f", "config/c//g/h", FAILS, UNCHANGED).here(NOT_A_DIRECTORY, READABLE),
    rename("f", "config/c//g/h/", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "config/c//d", r#"405 {"detail":"[Errno 21] Is a directory: '<root>/config/c/f' -> '<root>/config/c/d'"}"#, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'config/c/d'"}"#, OWN_PATHS),
    rename("f", "config/c//d/", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "config/c//e", r#"405 {"detail":"[Errno 21] Is a directory: '<root>/config/c/f' -> '<root>/config/c/e'"}"#, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'config/c/e'"}"#, OWN_PATHS),
    rename("f", "config/c//e/", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "config/c//full", r#"405 {"detail":"[Errno 21] Is a directory: '<root>/config/c/f' -> '<root>/config/c/full'"}"#, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'config/c/full'"}"#, OWN_PATHS),
    rename("f", "config/c//full/", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "config/c//f", r#"200 {"path":"config/c//f","type":"file","size":"1 Byte"}"#, UNCHANGED),
    rename("f", "config/c//f/", FAILS, UNCHANGED),
    rename("f", "config/c//f/x", FAILS, UNCHANGED).here(NOT_A_DIRECTORY, READABLE),
    rename("f", "config/c//d/x", r#"200 {"path":"config/c//d/x","type":"file","size":"1 Byte"}"#, "d/ d/x1 e/ full/ full/h3 g2"),
    rename("f", "config/c//d/x/", NOT_A_DIRECTORY, "d/ d/x/ e/ f1 full/ full/h3 g2"),
    rename("f", "config/c//", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "config/c//full/h/", FAILS, UNCHANGED),
    rename("f", "config/c//.", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'config/c'"}"#, READABLE),
    rename("f", "config/c//d/.", r#"405 {"detail":"[Errno 21] Is a directory: '<root>/config/c/f' -> '<root>/config/c/d'"}"#, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'config/c/d'"}"#, OWN_PATHS),
    rename("d/", "config/c//n", r#"200 {"path":"config/c//n/","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2 n/"),
    rename("d/", "config/c//n/", r#"200 {"path":"config/c//n//","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2 n/"),
    rename("d/", "config/c//n/m/", r#"200 {"path":"config/c//n/m//","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2 n/ n/m/"),
    rename("d/", "config/c//g", NOT_A_DIRECTORY, UNCHANGED),
    rename("d/", "config/c//g/", FAILS, UNCHANGED),
    rename("d/", "config/c//g/h", FAILS, UNCHANGED).here(NOT_A_DIRECTORY, READABLE),
    rename("d/", "config/c//g/h/", NOT_A_DIRECTORY, UNCHANGED),
    rename("d/", "config/c//d", r#"200 {"path":"config/c//d/","type":"directory","size":""}"#, UNCHANGED),
    rename("d/", "config/c//d/", r#"200 {"path":"config/c//d//","type":"directory","size":""}"#, UNCHANGED),
    rename("d/", "config/c//e", r#"200 {"path":"config/c//e/","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2"),
    rename("d/", "config/c//e/", r#"200 {"path":"config/c//e//","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2"),
    rename("d/", "config/c//full", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> 'config/c/full'"}"#, READABLE),
    rename("d/", "config/c//full/", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> 'config/c/full/'"}"#, READABLE),
    rename("d/", "config/c//f", NOT_A_DIRECTORY, UNCHANGED),
    rename("d/", "config/c//f/", FAILS, UNCHANGED),
    rename("d/", "config/c//f/x", FAILS, UNCHANGED).here(NOT_A_DIRECTORY, READABLE),
    rename("d/", "config/c//d/x", FAILS, UNCHANGED),
    rename("d/", "config/c//d/x/", FAILS, "d/ d/x/ e/ f1 full/ full/h3 g2"),
    rename("d/", "config/c//", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> 'config/c/'"}"#, READABLE),
    rename("d/", "config/c//full/h/", FAILS, UNCHANGED),
    rename("d/", "config/c//.", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> 'config/c'"}"#, READABLE),
    rename("d/", "config/c//d/.", r#"200 {"path":"config/c//d/./","type":"directory","size":""}"#, UNCHANGED),
    rename("f", "", FAILS, UNCHANGED).here(NOT_A_DIRECTORY, READABLE),
    rename("f", "/", NOT_A_DIRECTORY, UNCHANGED),
    rename("f", "output", r#"405 {"detail":"[Errno 21] Is a directory: '<root>/config/c/f' -> '<root>/output'"}"#, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/f' -> 'output'"}"#, OWN_PATHS),
    rename("d/", "", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> ''"}"#, READABLE),
    rename("d/", "/", FAILS, UNCHANGED).here(r#"405 {"detail":"[Errno 21] Is a directory: 'config/c/d/' -> ''"}"#, READABLE),
    rename("d/", "output", r#"200 {"path":"output/","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2"),
    rename("d", "config/c/n/", r#"200 {"path":"config/c/n//","type":"directory","size":""}"#, "e/ f1 full/ full/h3 g2 n/"),
    rename("f/", "config/c/n", NOT_FOUND, UNCHANGED),
    rename("full/", "config/c/n/", NOT_EMPTY, UNCHANGED),
    rename("full", "config/c/full/", NOT_EMPTY, UNCHANGED),
    rename("nope", "config/c/g/", NOT_FOUND, UNCHANGED),
    rename("nope", "config/c/n/", NOT_FOUND, UNCHANGED),
];
