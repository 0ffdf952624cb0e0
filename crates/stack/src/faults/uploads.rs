//! Uploads that succeed and are not stored as they came.

use std::{fs, io};

use percent_encoding::percent_decode_str;
use tokio::io::AsyncReadExt as _;

use super::{Fault, Faults};
use crate::{
    s3::ObjectStore,
    user_api::files::{UserFiles, path::UserPath},
};

/// What becomes of a file that was just stored.
enum Spoilt {
    Gone,
    Empty,
    Halved,
    /// It ends after so many bytes.
    Cut(usize),
    /// It goes by the name that is made of its own.
    Renamed(fn(&str) -> String),
}

fn spoilt(faults: &Faults) -> Option<Spoilt> {
    [
        (Fault::UploadStoresNothing, Spoilt::Gone),
        (Fault::UploadStoresEmpty, Spoilt::Empty),
        (Fault::UploadStoresHalf, Spoilt::Halved),
        (Fault::UploadCutAtAMegabyte, Spoilt::Cut(1_000_000)),
        (
            Fault::UploadTakesAnotherName,
            Spoilt::Renamed(|name| format!("{name}.part")),
        ),
        (
            Fault::UploadPlusBecomesSpace,
            Spoilt::Renamed(|name| name.replace('+', " ")),
        ),
        (
            Fault::UploadLosesUmlauts,
            Spoilt::Renamed(|name| name.replace(|c: char| !c.is_ascii(), "?")),
        ),
        (
            Fault::UploadDecodesNames,
            Spoilt::Renamed(|name| percent_decode_str(name).decode_utf8_lossy().into_owned()),
        ),
    ]
    .into_iter()
    .find_map(|(fault, spoilt)| faults.has(fault).then_some(spoilt))
}

/// Spoils an object that was just put.
pub(crate) async fn spoil_object(
    store: &ObjectStore,
    key: &str,
    faults: &Faults,
) -> io::Result<()> {
    let Some(spoilt) = spoilt(faults) else {
        return Ok(());
    };
    let mut content = Vec::new();
    if let Some((_, mut file)) = store.open_object(key).await? {
        file.read_to_end(&mut content).await?;
    }
    match spoilt {
        Spoilt::Gone => drop(store.delete(key)?),
        Spoilt::Empty => drop(store.put_bytes(key, None, Vec::new().into()).await?),
        Spoilt::Halved => {
            content.truncate(content.len() / 2);
            store.put_bytes(key, None, content.into()).await?;
        }
        Spoilt::Cut(length) => {
            content.truncate(length);
            store.put_bytes(key, None, content.into()).await?;
        }
        Spoilt::Renamed(rename) => {
            let (directory, name) = key.rsplit_once('/').unwrap_or(("", key));
            let renamed = format!("{directory}/{}", rename(name));
            if renamed != key {
                store.copy(key, &renamed)?;
                store.delete(key)?;
            }
        }
    }
    Ok(())
}

/// Spoils a file that was just stored on the UserAPI's own disk.
pub(crate) fn spoil_file(files: &UserFiles, path: &UserPath, faults: &Faults) -> io::Result<()> {
    let (Some(spoilt), UserFiles::Local(files)) = (spoilt(faults), files) else {
        return Ok(());
    };
    let place = files.locate(path);
    let resize = |length| {
        fs::OpenOptions::new()
            .write(true)
            .open(&place)?
            .set_len(length)
    };
    match spoilt {
        Spoilt::Gone => fs::remove_file(&place),
        Spoilt::Empty => resize(0),
        Spoilt::Halved => resize(fs::metadata(&place)?.len() / 2),
        Spoilt::Cut(length) => {
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            resize(length.min(fs::metadata(&place)?.len()))
        }
        Spoilt::Renamed(rename) => {
            let name = place.file_name().unwrap_or_default().to_string_lossy();
            fs::rename(&place, place.with_file_name(rename(&name)))
        }
    }
}
