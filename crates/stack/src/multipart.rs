//! Reads `multipart/form-data` as a stream, with a bound on the memory for it.
//!
//! multer has no limit for the text before the first part, for a part's head, and for how much of a
//! fast body it buffers at once. So it gets the body in portions, and an error once it has made
//! nothing of too many of them.

mod disposition;

use std::{
    error::Error,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use axum::http::{
    HeaderMap,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use self::disposition::Disposition;

/// How many bytes may be received without becoming a part or some of its content.
const LONGEST_HEAD: usize = 1024 * 1024;
/// How many bytes are handed over at once, give or take a chunk.
const PORTION: usize = 256 * 1024;

/// More was received before a part than any part's head can be.
#[derive(Debug, thiserror::Error)]
#[error("the text before a part is too long")]
pub(crate) struct HeadTooLong;

/// A form that is being read.
pub(crate) struct Multipart {
    form: multer::Multipart<'static>,
    pending: Pending,
}

/// One of its parts, which has to be read to its end before the next.
pub(crate) struct Part {
    field: multer::Field<'static>,
    names: Disposition,
    pending: Pending,
}

/// How many bytes were handed over since the last part or content.
type Pending = Arc<AtomicUsize>;

impl Multipart {
    /// Starts to read `body`; `None` if the content type is not that of a form.
    pub(crate) fn open<S, E>(headers: &HeaderMap, body: S) -> Option<Self>
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let boundary = multer::parse_boundary(content_type).ok()?;
        Some(Self::new(body, boundary))
    }

    pub(crate) fn new<S, E>(body: S, boundary: impl Into<String>) -> Self
    where
        S: Stream<Item = Result<Bytes, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        let pending = Pending::default();
        let portions = Portions {
            body: body.map(|chunk| chunk.map_err(Into::into)).boxed(),
            pending: Arc::clone(&pending),
            handed: 0,
        };
        Self {
            form: multer::Multipart::new(portions, boundary),
            pending,
        }
    }

    /// The next part, if there is one.
    pub(crate) async fn next(&mut self) -> multer::Result<Option<Part>> {
        let field = self.form.next_field().await?;
        self.pending.store(0, Relaxed);
        Ok(field.map(|field| {
            // multer reads neither `filename*` nor what is not UTF-8.
            let header = field.headers().get(CONTENT_DISPOSITION);
            Part {
                names: header
                    .map_or_else(Disposition::default, |h| Disposition::read(h.as_bytes())),
                field,
                pending: Arc::clone(&self.pending),
            }
        }))
    }
}

impl Part {
    /// The name of the form's field.
    pub(crate) fn name(&self) -> Option<&str> {
        self.names.name.as_deref()
    }

    /// The file's name, if it is a file.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.names.file_name.as_deref()
    }

    /// Whether it names a media type other than that of any bytes.
    pub(crate) fn is_typed(&self) -> bool {
        let media_type = self.field.content_type();
        media_type.is_some_and(|media_type| media_type.essence_str() != "application/octet-stream")
    }

    /// Some of its content; `None` at its end.
    pub(crate) async fn chunk(&mut self) -> multer::Result<Option<Bytes>> {
        let chunk = self.field.chunk().await;
        self.pending.store(0, Relaxed);
        chunk
    }
}

/// Whether a form could not be read because of [`HeadTooLong`].
pub(crate) fn is_head_too_long(error: &multer::Error) -> bool {
    matches!(error, multer::Error::StreamReadFailed(cause) if cause.is::<HeadTooLong>())
}

/// The body, cut into portions.
struct Portions {
    body: futures_util::stream::BoxStream<'static, Result<Bytes, Box<dyn Error + Send + Sync>>>,
    pending: Pending,
    handed: usize,
}

impl Stream for Portions {
    type Item = Result<Bytes, Box<dyn Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // multer reads until it has to wait, and only then parses its buffer.
        if self.handed >= PORTION {
            self.handed = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let next = self.body.poll_next_unpin(context);
        match &next {
            Poll::Ready(Some(Ok(chunk))) => {
                self.handed += chunk.len();
                let before = self.pending.fetch_add(chunk.len(), Relaxed);
                if before + chunk.len() > LONGEST_HEAD {
                    return Poll::Ready(Some(Err(HeadTooLong.into())));
                }
            }
            Poll::Ready(_) => {}
            Poll::Pending => self.handed = 0,
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// A form that begins with `head` and never ends; counts the bytes that were read of it.
    fn endless(head: &'static str, filler: &'static str) -> (Multipart, Pending) {
        let taken = Pending::default();
        let count = Arc::clone(&taken);
        let head = stream::iter([Bytes::from(head)]);
        let filler = stream::repeat(Bytes::from(filler.repeat(1024)));
        let body = head.chain(filler).map(move |chunk| {
            count.fetch_add(chunk.len(), Relaxed);
            Ok::<_, std::io::Error>(chunk)
        });
        (Multipart::new(body, "b"), taken)
    }

    #[tokio::test]
    async fn the_length_of_a_head_is_limited() {
        for (head, filler) in [
            ("", "before the first part"),
            ("--b", " "),
            ("--b\r\nContent-Disposition: form-data; name=\"", "x"),
            ("--b\r\n", "X-Header: 1\r\n"),
        ] {
            let (mut form, taken) = endless(head, filler);
            let error = form.next().await.err().expect("it ends");
            assert!(is_head_too_long(&error), "{head:?}: {error}");
            assert!(taken.load(Relaxed) < 2 * LONGEST_HEAD);
        }
    }

    #[tokio::test]
    async fn the_length_of_a_skipped_part_is_limited() {
        let (mut form, taken) = endless("--b\r\nA: 1\r\n\r\n", "content ");
        drop(form.next().await.unwrap());
        assert!(is_head_too_long(&form.next().await.err().unwrap()));
        assert!(taken.load(Relaxed) < 3 * LONGEST_HEAD);
    }

    #[tokio::test]
    async fn content_is_not_buffered() {
        let (mut form, taken) = endless("--b\r\nA: 1\r\n\r\n", "content ");
        let mut part = form.next().await.unwrap().unwrap();
        let mut read = 0;
        while read < 16 * LONGEST_HEAD {
            read += part.chunk().await.unwrap().unwrap().len();
            let held = taken.load(Relaxed) - read;
            assert!(held < 2 * PORTION, "{held} bytes are held back");
        }
    }

    /// All parts of a body in chunks of `size`: name, file's name and content.
    fn parts(body: &[u8], size: usize) -> Option<Vec<(String, String, Vec<u8>)>> {
        let chunks: Vec<_> = body.chunks(size).map(Bytes::copy_from_slice).collect();
        let chunks = stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>));
        let read = async {
            let mut form = Multipart::new(chunks, BOUNDARY);
            let mut parts = Vec::new();
            while let Some(mut part) = form.next().await? {
                let name = part.name().unwrap_or_default().to_owned();
                let file_name = part.file_name().unwrap_or_default().to_owned();
                let mut content = Vec::new();
                while let Some(chunk) = part.chunk().await? {
                    content.extend_from_slice(&chunk);
                }
                parts.push((name, file_name, content));
            }
            Ok::<_, multer::Error>(parts)
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(read).ok()
    }

    const BOUNDARY: &str = "between-parts";

    proptest! {
        #[test]
        fn a_form_is_read_as_it_was_written_whatever_its_chunks(
            sent in vec(("[a-z]{1,8}", r#"[^"\\\x00-\x1f\x7f]{1,12}"#, vec(any::<u8>(), 0..200)), 0..5),
            size in 1_usize..80,
        ) {
            let mut body = Vec::new();
            for (name, file_name, content) in &sent {
                let head = format!(
                    "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; \
                     filename=\"{file_name}\"\r\n\r\n"
                );
                body.extend(head.as_bytes());
                body.extend(content);
                body.extend(b"\r\n");
            }
            body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
            prop_assert_eq!(parts(&body, size), Some(sent));
        }

        #[test]
        fn any_body_ends_and_yields_no_more_than_it_held(
            pieces in vec(
                prop_oneof![
                    Just(format!("--{BOUNDARY}").into_bytes()),
                    Just(b"\r\n".to_vec()),
                    Just(b"--".to_vec()),
                    Just(b"Content-Disposition: form-data; name=\"a\"".to_vec()),
                    Just(b"Content-Type: text/plain; charset=".to_vec()),
                    vec(any::<u8>(), 0..20),
                ],
                0..20,
            ),
            size in 1_usize..80,
        ) {
            let body = pieces.concat();
            let read = parts(&body, size).unwrap_or_default();
            let held: usize = read.iter().map(|(_, _, content)| content.len()).sum();
            prop_assert!(held <= body.len());
        }
    }
}
