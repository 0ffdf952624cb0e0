//! The HTTP side: which operation a request names, and the headers of every answer.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, header::SERVER, request::Parts},
    response::{IntoResponse as _, Response},
};
use jiff::Timestamp;

use super::{
    bucket::Bucket,
    cors::{self, CorsRule},
    error::{self, ACCESS_DENIED, METHOD_NOT_ALLOWED, NO_SUCH_BUCKET, S3Error},
    faulty, get, post, presigned,
    sign::Signer,
};
use crate::{endpoint::Endpoint, faults::Fault, http, shared_body::SharedBody};

/// The HTTP service of one bucket, for requests that `signer` has signed.
pub fn router(signer: Signer, bucket: Bucket) -> Router {
    // One handler instead of routes: a key may hold anything that a path may.
    Router::new()
        .fallback(serve)
        .with_state(Arc::new(Service { signer, bucket }))
}

struct Service {
    signer: Signer,
    bucket: Bucket,
}

async fn serve(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = SharedBody::new(body);
    let mut response = match Target::of(parts.uri.path()) {
        Ok(target) => service.answer(&parts, &target, body.clone()).await,
        Err(error) => error.into_response(),
    };
    body.drain().await;
    // Every such request is an upload or a download, also one that is refused.
    match parts.method {
        Method::POST => drop(response.extensions_mut().insert(Endpoint::Upload)),
        Method::GET => drop(response.extensions_mut().insert(Endpoint::Download)),
        _ => {}
    }

    let headers = response.headers_mut();
    headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
    if !headers.contains_key(error::REQUEST_ID) {
        http::set(headers, error::REQUEST_ID, &error::request_id());
        http::set(headers, error::HOST_ID, &error::host_id());
    }
    response
}

/// The bucket and the key of a path, decoded.
struct Target {
    bucket: String,
    /// Empty if the path names a bucket.
    key: String,
}

impl Target {
    fn of(path: &str) -> Result<Self, S3Error> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        Ok(Self {
            bucket: presigned::decode(bucket)?,
            key: presigned::decode(key)?,
        })
    }
}

impl Service {
    /// The answer with the headers of the bucket's CORS rules.
    async fn answer(&self, request: &Parts, target: &Target, body: SharedBody) -> Response {
        let known = target.bucket == self.bucket.name;
        let rules: &[CorsRule] = if known { &self.bucket.cors } else { &[] };
        if request.method == Method::OPTIONS {
            return cors::preflight(rules, !target.key.is_empty(), &request.headers)
                .unwrap_or_else(S3Error::into_response);
        }
        let answer = if known {
            self.operate(request, target, body).await
        } else if target.bucket.is_empty() {
            // To list the buckets is not granted to any client, but each is told whether it is known.
            let denied = || Err(S3Error::new(ACCESS_DENIED));
            self.check(request, &request.method, target)
                .and_then(|()| denied())
        } else {
            Err(S3Error::new(NO_SUCH_BUCKET).with("BucketName", &target.bucket))
        };
        let mut response = answer.unwrap_or_else(S3Error::into_response);
        let cors = cors::answer_headers(rules, &request.method, &request.headers);
        response.headers_mut().extend(cors);
        response
    }

    /// The operation that method and path name.
    async fn operate(
        &self,
        request: &Parts,
        target: &Target,
        body: SharedBody,
    ) -> Result<Response, S3Error> {
        let method = &request.method;
        match (method, target.key.as_str()) {
            (&Method::POST, "") => {
                post::post_object(&self.bucket, &self.signer, &request.headers, body).await
            }
            (&Method::GET, "") if self.bucket.faults.has(Fault::BucketPublicList) => {
                faulty::listing(&self.bucket)
            }
            // Listing the bucket is not granted to any client.
            (&Method::GET | &Method::HEAD, "") => Err(S3Error::new(ACCESS_DENIED)),
            (&Method::GET | &Method::HEAD, key) => {
                if !faulty::is_public(request, &self.bucket.faults) {
                    self.check(request, method, target)?;
                }
                get::get_object(&self.bucket, key, method, &request.headers).await
            }
            (&Method::PUT, key) if self.bucket.faults.has(Fault::DownloadUrlAllowsPut) => {
                self.check(request, &Method::GET, target)?;
                faulty::put_object(&self.bucket.store, key, body).await
            }
            // Nobody signs such a request, so whatever the signature is of, it is not of this one.
            (&Method::PUT | &Method::DELETE, _) => {
                self.check(request, method, target)?;
                Err(S3Error::new(METHOD_NOT_ALLOWED).with("Method", method.as_str()))
            }
            _ => Err(S3Error::new(METHOD_NOT_ALLOWED).with("Method", method.as_str())),
        }
    }
    /// Accepts a request that is signed for this method.
    fn check(&self, request: &Parts, method: &Method, target: &Target) -> Result<(), S3Error> {
        let signed = presigned::Request {
            method,
            path: &format!("/{}/{}", target.bucket, target.key),
            query: request.uri.query().unwrap_or_default(),
            headers: &request.headers,
        };
        presigned::check(&self.signer, Timestamp::now(), &signed)
    }
}
