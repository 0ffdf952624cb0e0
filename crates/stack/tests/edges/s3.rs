//! Files in S3: renames to odd paths, and what S3 itself refuses. Its answers are those of AWS's
//! documents.

use crate::edges::{
    ask::{Ask, Headers},
    table::Edge,
};

const fn rename(to: &'static str, real: &'static str) -> Edge {
    Edge::new(Ask::Rename("f", to), real).s3()
}

const fn url(path: &'static str, real: &'static str) -> Edge {
    Edge::new(Ask::Send("GET", path, &[], b""), real).s3()
}

const fn object(method: &'static str, headers: Headers, real: &'static str) -> Edge {
    let edge = Edge::new(Ask::Object(method, headers), real);
    edge.s3().with(&[("server", "AmazonS3")])
}

const fn bucket(path: &'static str, headers: Headers, real: &'static str) -> Edge {
    Edge::new(Ask::S3("GET", path, headers), real).s3()
}

const PRECONDITION: &str = r#"412 <?xml version="1.0" encoding="UTF-8"?>
<Error><Code>PreconditionFailed</Code>…"#;
const SIGNATURE: &str = r#"403 <?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SignatureDoesNotMatch</Code>…"#;
const UNKNOWN_KEY: &str = r#"403 <?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InvalidAccessKeyId</Code>…"#;

const ANOTHER: Headers = &[(
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN/20261123/eu-central-1/s3/aws4_request, \
     SignedHeaders=host, Signature=0",
)];

const KEPT: &str = "nothing has to be copied, and S3 refuses to copy an object onto itself";

// A row a line.
#[rustfmt::skip]
pub(crate) const ROWS: &[Edge] = &[
    rename("config/c/n", r#"200 {"path":"config/c/n","type":"file","size":"1 Byte"}"#).leaves("d/ e/ full/ full/h3 g2 n1"),
    rename("config/c/f", "500 Internal Server Error").here(r#"200 {"path":"config/c/f","type":"file","size":"1 Byte"}"#, KEPT).leaves("d/ e/ f1 full/ full/h3 g2"),
    rename("", r#"200 {"path":"","type":"file","size":"1 Byte"}"#).leaves("d/ e/ full/ full/h3 g2"),
    rename("/", r#"404 {"detail":"Not Found"}"#).leaves("d/ e/ f1 full/ full/h3 g2"),
    url("/files//url", r#"200 {"method":"get","url":"<s3>/decode-user-data/user_data/<user>?X-Amz-…"#),
    url("/files///url", r#"200 {"method":"get","url":"<s3>/decode-user-data/user_data/<user>/?X-Amz-…"#),
    url("/files/config/c/fu/url", r#"200 {"method":"get","url":"<s3>/decode-user-data/user_data/<user>/config/c/fu?X-Amz-…"#),
    object("GET", &[], "200 1"),
    object("GET", &[("If-Match", "\"another\"")], PRECONDITION),
    object("GET", &[("If-Match", "*")], "200 1"),
    object("GET", &[("If-Unmodified-Since", "Mon, 23 Nov 2020 06:56:26 GMT")], PRECONDITION),
    object("GET", &[("If-Unmodified-Since", "Mon, 23 Nov 2099 06:56:26 GMT")], "200 1"),
    object("PUT", &[], SIGNATURE),
    object("DELETE", &[], SIGNATURE),
    bucket("/", ANOTHER, UNKNOWN_KEY),
    bucket("/decode-user-data/user_data/x", ANOTHER, UNKNOWN_KEY),
];
