//! Uploads over connections that end early, or whose sender does not listen before it has ended.

use std::time::Duration;

use opencloud_stack::s3::PostForm;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::service::{BUCKET, Service, set};

const END: &str = "\r\n--b--\r\n";

/// Connects, and sends all of an upload but the file, which is to have `length` bytes.
async fn begin(s3: &Service, form: &PostForm, length: usize) -> TcpStream {
    let mut fields = String::new();
    for (name, value) in &form.fields {
        fields += &["--b\r\nContent-Disposition: form-data; name=\"", name].concat();
        fields += &["\"\r\n\r\n", value, "\r\n"].concat();
    }
    fields += "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
    let host = s3.url.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /{BUCKET} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\n\r\n{fields}",
        fields.len() + length + END.len()
    );
    let mut connection = TcpStream::connect(host).await.unwrap();
    connection.write_all(head.as_bytes()).await.unwrap();
    connection
}

async fn wait_until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let limit = Duration::from_secs(10);
    tokio::time::timeout(limit, wait).await.expect("it happens");
}

#[tokio::test]
async fn a_connection_cut_in_the_file_leaves_nothing() {
    let s3 = Service::start().await;
    let mut connection = begin(&s3, &s3.form(), 1_000_000).await;
    connection.write_all(&vec![b'x'; 256 * 1024]).await.unwrap();
    // The upload has begun once its content lies on the disk.
    wait_until(|| s3.blobs() == 1).await;
    drop(connection);
    wait_until(|| s3.blobs() == 0).await;
    assert!(s3.store.list("").unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_upload_is_read_to_its_end() {
    // More than the buffers of both ends hold.
    const LENGTH: usize = 64 * 1024 * 1024;
    let s3 = Service::start().await;
    let mut form = s3.form();
    set(&mut form, "key", "elsewhere/f");
    let mut connection = begin(&s3, &form, LENGTH).await;
    let sent = connection.write_all(&vec![b'x'; LENGTH]).await;
    sent.expect("the service does not close before all is sent");
    connection.write_all(END.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 403");
}
