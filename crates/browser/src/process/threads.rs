//! Our own threads.

use std::thread::ScopedJoinHandle;

use super::failure::Failure;

/// The result of the thread.
pub fn join<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err(Failure::panicked()))
}
