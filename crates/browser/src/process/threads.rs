//! Our own threads.

use std::thread::ScopedJoinHandle;

use super::failure::Failure;

/// What the thread returns.
pub fn join<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err(Failure::panicked()))
}
