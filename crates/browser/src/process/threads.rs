//! Our own threads.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread::ScopedJoinHandle,
};

use super::failure::Failure;

/// The result of the thread.
pub fn join<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err(Failure::panicked()))
}

/// Locks values that stay consistent even if a thread panics while it holds them.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
