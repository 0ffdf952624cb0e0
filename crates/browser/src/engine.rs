//! The engines of browsers: one module each, behind one trait. What differs between browsers stands
//! there and nowhere else.

mod chromium;
mod firefox;
mod interface;
mod webkit;

pub use interface::{Engine, Installed, Launch};

/// All engines, the usual one first.
pub static ENGINES: [&dyn Engine; 3] = [&chromium::Chromium, &firefox::Firefox, &webkit::WebKit];
