//! The faults of a bucket's objects: uploads that are not stored as they were sent, and downloads
//! of an earlier version.

use std::io;

use axum::{
    body::Body,
    http::{StatusCode, request::Parts},
    response::Response,
};
use futures_util::StreamExt as _;
use tokio::io::AsyncReadExt as _;

use super::{
    bucket::Bucket,
    error::{INTERNAL, S3Error, element, xml_response},
    store::ObjectStore,
};
use crate::{
    faults::{Damage, Fault, Faults},
    shared_body::SharedBody,
};

/// The content that an upload will replace, where it has a part in what is stored.
pub(super) async fn replaced(
    store: &ObjectStore,
    key: &str,
    faults: &Faults,
) -> io::Result<Option<Vec<u8>>> {
    let mut content = Vec::new();
    match (Damage::of(faults), store.open_object(key).await?) {
        (Some(Damage::Mixed(_)), Some((_, mut file))) => file.read_to_end(&mut content).await?,
        _ => return Ok(None),
    };
    Ok(Some(content))
}

/// Damages an object that was just put over what it has `replaced`.
pub(super) async fn damage_upload(
    store: &ObjectStore,
    key: &str,
    replaced: Option<Vec<u8>>,
    faults: &Faults,
) -> io::Result<()> {
    match Damage::of(faults) {
        None => {}
        Some(Damage::Removed) => {
            store.delete(key)?;
        }
        Some(Damage::Cut(left)) => {
            if let Some((meta, file)) = store.open_object(key).await? {
                let mut content = Vec::new();
                file.take(left(meta.size)).read_to_end(&mut content).await?;
                store.put_bytes(key, None, content.into()).await?;
            }
        }
        Some(Damage::Blanked(most)) => {
            let size = store.head(key)?.map_or(0, |meta| meta.size);
            if (1..=most).contains(&size) {
                let zeros = vec![0; usize::try_from(size).unwrap_or_default()];
                store.put_bytes(key, None, zeros.into()).await?;
            }
        }
        Some(Damage::Rewritten(rewrite)) => {
            if let Some((_, mut file)) = store.open_object(key).await? {
                let mut content = Vec::new();
                file.read_to_end(&mut content).await?;
                store.put_bytes(key, None, rewrite(&content).into()).await?;
            }
        }
        Some(Damage::Mixed(mix)) => {
            if let (Some(before), Some((_, mut file))) = (replaced, store.open_object(key).await?) {
                let mut content = Vec::new();
                file.read_to_end(&mut content).await?;
                store
                    .put_bytes(key, None, mix(before, content).into())
                    .await?;
            }
        }
        Some(Damage::Renamed(rename)) => {
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

/// Puts an object without asking for a signature of its own.
pub(super) async fn put_object(
    store: &ObjectStore,
    key: &str,
    body: SharedBody,
) -> Result<Response, S3Error> {
    let content = body.map(|chunk| chunk.map_err(io::Error::other));
    match store.put(key, None, content).await {
        Ok(_) => Ok(Response::new(Body::empty())),
        Err(_) => Err(S3Error::new(INTERNAL)),
    }
}

/// Whether an object is given to whoever asks for it in this way.
pub(super) fn is_public(request: &Parts, faults: &Faults) -> bool {
    let is_signed = request
        .uri
        .query()
        .is_some_and(|query| query.contains("Signature="));
    faults.has(Fault::GetSignatureNotChecked) || faults.has(Fault::BucketPublicRead) && !is_signed
}

/// The bucket's listing, for whoever asks for it.
pub(super) fn listing(bucket: &Bucket) -> Result<Response, S3Error> {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult>");
    element(&mut xml, "Name", &bucket.name);
    let objects = bucket.store.list("").map_err(|_| S3Error::new(INTERNAL))?;
    for object in objects {
        xml.push_str("<Contents>");
        element(&mut xml, "Key", &object.key);
        xml.push_str("</Contents>");
    }
    xml.push_str("</ListBucketResult>");
    Ok(xml_response(StatusCode::OK, xml))
}

/// Whether an object downloads as nothing: a job's output, if this is wanted.
pub(super) fn is_lost(key: &str, faults: &Faults) -> bool {
    faults.has(Fault::JobOutputDownloadsEmpty) && key.contains("/artifact/")
}

/// Keeps an object that is about to be replaced, where downloads are of earlier versions.
pub(super) fn keep_earlier(store: &ObjectStore, key: &str, faults: &Faults) -> io::Result<()> {
    if faults.has(Fault::DownloadGivesEarlierVersion) {
        store.copy(key, &earlier_key(key))?;
    }
    Ok(())
}

/// The key of the object to download: that of its earlier version, if this is wanted and there was
/// one.
pub(super) fn key_to_get(store: &ObjectStore, key: &str, faults: &Faults) -> io::Result<String> {
    let earlier = earlier_key(key);
    if faults.has(Fault::DownloadGivesEarlierVersion) && store.head(&earlier)?.is_some() {
        return Ok(earlier);
    }
    Ok(key.to_owned())
}

fn earlier_key(key: &str) -> String {
    format!("_earlier/{key}")
}
