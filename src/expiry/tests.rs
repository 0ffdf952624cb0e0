use super::*;

#[test]
fn urls_say_when_they_expire() {
    let expires: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
    let url = "http://s3.test/b/k?X-Amz-Date=20261123T065000Z&X-Amz-Expires=600&X-Amz-Signature=0";
    assert_eq!(of_url(url), Some(expires));
    let second = format!(
        "http://s3.test/b/k?Signature=0&Expires={}",
        expires.as_second()
    );
    assert_eq!(of_url(&second), Some(expires));
    assert_eq!(of_url("http://s3.test/b/k"), None);
}

#[test]
fn what_expired_before_it_came_is_told() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let expires = at("2026-11-23T07:00:00Z");
    assert_eq!(explain(expires, at("2026-11-23T06:59:59Z")), None);
    let explained = explain(expires, at("2026-11-23T07:00:09Z")).unwrap();
    assert!(
        explained.contains("expired at 2026-11-23T07:00:00Z, 9 s before"),
        "{explained}"
    );
}
