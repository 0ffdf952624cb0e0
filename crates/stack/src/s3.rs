//! S3: POST Object with policy verification, pre-signed GET, per-bucket CORS.
