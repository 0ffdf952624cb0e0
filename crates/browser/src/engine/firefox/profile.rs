//! The profile with which Firefox starts, wherever it runs.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use url::Url;
use zip::{CompressionMethod, ZipWriter, result::ZipResult, write::SimpleFileOptions};

use crate::engine::interface::Launch;

/// The file of certificates that are taken although no authority has signed them. Its format is Firefox's
/// own (`nsCertOverrideService.cpp`): host and port, the algorithm, the fingerprint.
const EXCEPTIONS: &str = "cert_override.txt";
const SHA_256: &str = "OID.2.16.840.1.101.3.4.2.1";

/// The profile as a zip in Base64, as the driver takes it. It lets the browser take the listener's
/// certificate, for the origins alone.
pub(super) fn archive(launch: &Launch<'_>) -> String {
    let zip = zip(&exceptions(launch)).expect("writing into memory does not fail");
    BASE64_STANDARD.encode(zip)
}

fn zip(exceptions: &str) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::default());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(EXCEPTIONS, options)?;
    zip.write_all(exceptions.as_bytes())?;
    Ok(zip.finish()?.into_inner())
}

/// The lines that let the browser take the listener's certificate at each of the origins.
fn exceptions(launch: &Launch<'_>) -> String {
    let bytes = launch.tls.certificate_hash();
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let fingerprint = bytes.join(":");
    let urls = launch
        .origins
        .iter()
        .filter_map(|origin| Url::parse(origin).ok());
    let mut lines = String::new();
    for url in urls.filter(|url| url.scheme() == "https") {
        if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) {
            // The last field, a key of the certificate, is no longer read.
            let _ = writeln!(lines, "{host}:{port}:\t{SHA_256}\t{fingerprint}\t");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use zip::ZipArchive;

    use super::*;
    use crate::engine::firefox::tests::with_launch;

    #[test]
    fn the_certificate_is_taken_at_the_origins_of_https_alone() {
        let (archive, hash) = with_launch(false, |launch| {
            (archive(launch), launch.tls.certificate_hash())
        });
        let archive = BASE64_STANDARD.decode(archive).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
        let mut written = String::new();
        let mut file = archive.by_name(EXCEPTIONS).unwrap();
        file.read_to_string(&mut written).unwrap();
        let fingerprint: Vec<_> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        let lines: Vec<_> = written.lines().collect();
        let expected = format!("localhost:8080:\t{SHA_256}\t{}\t", fingerprint.join(":"));
        assert_eq!(lines, [expected]);
    }
}
