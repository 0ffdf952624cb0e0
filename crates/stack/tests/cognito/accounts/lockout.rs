//! The lock after wrong passwords.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::start;
use crate::support::accounts::{NEW, OTHER_PASSWORD, PASSWORD, Pool, refused};

#[tokio::test]
async fn five_wrong_passwords_lock_an_account_for_a_second() {
    let stack = start().await;
    let pool = Pool(&stack);
    pool.register(NEW).await;
    let wrong = refused("NotAuthorizedException", "Incorrect username or password.");
    let locked = refused("NotAuthorizedException", "Password attempts exceeded");
    let begun = Instant::now();
    for _ in 0..5 {
        assert_eq!(pool.sign_in(NEW, OTHER_PASSWORD).await, wrong);
    }
    assert_eq!(pool.sign_in(NEW, PASSWORD).await, locked);
    assert_eq!(pool.sign_in(NEW, OTHER_PASSWORD).await, locked);
    // Another account is not affected.
    let other = &stack.accounts()[0];
    assert_eq!(pool.sign_in(&other.email, &other.password).await.0, 200);
    while pool.sign_in(NEW, PASSWORD).await == locked {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never ends");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(1));
    // The right password ended the count.
    for _ in 0..4 {
        assert_eq!(pool.sign_in(NEW, OTHER_PASSWORD).await, wrong);
    }
    assert_eq!(pool.sign_in(NEW, PASSWORD).await.0, 200);
}
