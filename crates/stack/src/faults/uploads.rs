//! Uploads that succeed and are not stored as they were sent.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;

use super::{fault::Fault, registry::Faults};

/// The damage to a file that was just stored.
pub(crate) enum Damage {
    Removed,
    /// Only this many of its bytes are left.
    Cut(fn(u64) -> u64),
    /// Its bytes are zeros if it has so many at most.
    Blanked(u64),
    /// It holds what is made of its content.
    Rewritten(fn(&[u8]) -> Vec<u8>),
    /// It holds what is made of the content that it has replaced and of its own.
    Mixed(fn(Vec<u8>, Vec<u8>) -> Vec<u8>),
    /// It gets the name that is made of its own.
    Renamed(fn(&str) -> String),
}

impl Damage {
    /// The damage that a stack's faults want.
    pub(crate) fn of(faults: &Faults) -> Option<Self> {
        use Damage::{Blanked, Cut, Mixed, Removed, Renamed, Rewritten};
        [
            (Fault::UploadStoresNothing, Removed),
            (Fault::UploadStoresEmpty, Cut(|_| 0)),
            (Fault::UploadStoresHalf, Cut(|size| size / 2)),
            (Fault::UploadCutAtAMegabyte, Cut(|size| size.min(1_000_000))),
            (Fault::UploadBlanksSmallFiles, Blanked(2)),
            (
                Fault::UploadTakenForText,
                Rewritten(|bytes| String::from_utf8_lossy(bytes).into_owned().into_bytes()),
            ),
            (
                Fault::UploadStoredInBase64,
                Rewritten(|bytes| BASE64_STANDARD.encode(bytes).into_bytes()),
            ),
            (Fault::UploadKeepsItsForm, Rewritten(in_a_form)),
            (
                Fault::UploadAppends,
                Mixed(|before, now| [before, now].concat()),
            ),
            (Fault::UploadKeepsTheRest, Mixed(with_the_rest)),
            (
                Fault::UploadTakesAnotherName,
                Renamed(|name| format!("{name}.part")),
            ),
            (
                Fault::UploadPlusBecomesSpace,
                Renamed(|name| name.replace('+', " ")),
            ),
            (
                Fault::UploadLosesUmlauts,
                Renamed(|name| name.replace(|c: char| !c.is_ascii(), "?")),
            ),
            (
                Fault::UploadDecodesNames,
                Renamed(|name| percent_decode_str(name).decode_utf8_lossy().into_owned()),
            ),
        ]
        .into_iter()
        .find_map(|(fault, damage)| faults.has(fault).then_some(damage))
    }
}

/// The last part of the form in which a browser sends a file.
fn in_a_form(bytes: &[u8]) -> Vec<u8> {
    let head = b"------WebKitFormBoundary\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
    [head, bytes, b"\r\n------WebKitFormBoundary--\r\n"].concat()
}

/// A content that was written over the beginning of another.
fn with_the_rest(before: Vec<u8>, mut now: Vec<u8>) -> Vec<u8> {
    now.extend(before.into_iter().skip(now.len()));
    now
}
