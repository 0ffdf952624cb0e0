//! The reports of made-up runs, judged by those who read them: a browser, and the programs that
//! read the formats.

mod formats;
mod in_browser;
mod junit;
mod model;
mod size;
