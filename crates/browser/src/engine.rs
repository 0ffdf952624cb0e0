//! The engines of browsers: one module each, behind one trait. What differs between browsers stands
//! there and nowhere else.

mod chromium;
mod firefox;
mod interface;

pub use interface::{Engine, Launch};

/// All engines, the usual one first.
pub static ENGINES: [&dyn Engine; 2] = [&chromium::Chromium, &firefox::Firefox];
