//! The browser's side of DECODE OpenCloud's integration tests.
