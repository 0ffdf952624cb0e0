//! The headers by which a page of any origin may use Cognito.

use reqwest::{Method, Response};
use serde_json::json;

use super::service::{FRONTEND, Service};

fn assert_readable(response: &Response) {
    let headers = response.headers();
    assert_eq!(headers["access-control-allow-origin"], "*");
    assert_eq!(
        headers["access-control-expose-headers"],
        "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
    );
}

#[tokio::test]
async fn any_origin_may_send_what_the_frontend_sends() {
    let s = Service::start().await;
    for origin in [FRONTEND, "null"] {
        let response = s
            .client
            .request(Method::OPTIONS, &s.url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "content-type,x-amz-target",
            )
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        assert_readable(&response);
        let headers = response.headers();
        assert_eq!(headers["access-control-allow-methods"], "POST");
        assert_eq!(headers["access-control-max-age"], "172800");
        let allowed = headers["access-control-allow-headers"].to_str().unwrap();
        let allowed: Vec<&str> = allowed.split(',').collect();
        for header in [
            "content-type",
            "x-amz-target",
            "x-amz-user-agent",
            "cache-control",
            "authorization",
            "amz-sdk-invocation-id",
            "amz-sdk-request",
        ] {
            assert!(allowed.contains(&header), "{header}");
        }
    }
}

#[tokio::test]
async fn any_origin_may_read_every_answer() {
    let s = Service::start().await;
    let token = &s.sign_in("user").await["AccessToken"];
    let found = s.send("GetUser", json!({"AccessToken": token}).to_string());
    let found = found.await;
    assert_eq!(found.status(), 200);
    assert_readable(&found);
    assert_eq!(
        found.headers()["content-type"],
        "application/x-amz-json-1.1"
    );
    assert!(found.headers().contains_key("x-amzn-requestid"));

    let refused = s.send("GetUser", r#"{"AccessToken": "bogus"}"#).await;
    assert_eq!(refused.status(), 400);
    assert_readable(&refused);
    let headers = refused.headers();
    assert_eq!(headers["x-amzn-errortype"], "NotAuthorizedException:");
    assert_eq!(headers["x-amzn-errormessage"], "Invalid Access Token");
    assert_eq!(headers["content-type"], "application/x-amz-json-1.1");

    let unknown = s.send("Nothing", "{}").await;
    assert_readable(&unknown);
}

#[tokio::test]
async fn without_an_origin_there_is_no_such_header() {
    let s = Service::start().await;
    let response = s.client.post(&s.url).send().await.unwrap();
    let mut names = response.headers().keys();
    assert!(!names.any(|name| name.as_str().starts_with("access-control-")));
}
