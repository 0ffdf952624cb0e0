//! `opencloud-stack`: serves the embedded OpenCloud in the foreground.

fn main() {}
