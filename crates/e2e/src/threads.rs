//! Threads of ours, which do not panic.

use std::thread::ScopedJoinHandle;

use crate::failure::Failure;

/// What the thread returns.
pub(crate) fn join<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err(panicked()))
}

/// A thread of ours ended without an answer.
pub(crate) fn panicked() -> Failure {
    Failure::ours_with("a thread of ours panicked", "")
}
