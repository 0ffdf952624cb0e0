use futures_util::StreamExt as _;
use tokio::io::AsyncReadExt as _;

use super::*;

struct Fixture {
    directory: tempfile::TempDir,
    store: ObjectStore,
}

fn open(directory: &Path) -> ObjectStore {
    let database = Database::open(&directory.join("stack.sqlite")).unwrap();
    ObjectStore::open(database, &directory.join("blobs")).unwrap()
}

fn fixture() -> Fixture {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path());
    Fixture { directory, store }
}

impl Fixture {
    fn files(&self) -> usize {
        fs::read_dir(self.directory.path().join("blobs"))
            .unwrap()
            .count()
    }

    async fn put(&self, key: &str, content: &'static str) -> ObjectMeta {
        let content = Bytes::from_static(content.as_bytes());
        self.store.put_bytes(key, None, content).await.unwrap()
    }
}

async fn read(store: &ObjectStore, key: &str) -> String {
    let (_, mut file) = store.open_object(key).await.unwrap().unwrap();
    let mut content = String::new();
    file.read_to_string(&mut content).await.unwrap();
    content
}

fn keys(objects: &[ObjectMeta]) -> Vec<&str> {
    objects.iter().map(|o| o.key.as_str()).collect()
}

#[tokio::test]
async fn an_object_has_size_md5_and_type() {
    let f = fixture();
    let body = stream::iter(["Hello", ", ", "world"].map(|c| Ok(Bytes::from(c))));
    let put = f.store.put("k", Some("text/plain"), body).await.unwrap();
    assert_eq!(put.size, 12);
    assert_eq!(put.etag, "bc6e6f16b8a077ef5fbc8d59d0b931b9");
    assert_eq!(put.content_type.as_deref(), Some("text/plain"));
    assert_eq!(f.store.head("k").unwrap(), Some(put));
    assert_eq!(read(&f.store, "k").await, "Hello, world");
    assert_eq!(f.store.head("K").unwrap(), None);
}

#[tokio::test]
async fn replacing_and_deleting_leave_no_file_behind() {
    let f = fixture();
    f.put("k", "one").await;
    f.put("k", "two").await;
    assert_eq!((f.files(), read(&f.store, "k").await.as_str()), (1, "two"));
    assert!(f.store.delete("k").unwrap());
    assert!(!f.store.delete("k").unwrap());
    assert_eq!(f.files(), 0);
}

#[tokio::test]
async fn a_failing_body_changes_nothing() {
    let f = fixture();
    f.put("k", "whole").await;
    let body = stream::iter([Ok(Bytes::from("par")), Err(io::Error::other("cut"))]);
    let error = f.store.put("k", None, body).await.unwrap_err();
    assert_eq!(error.to_string(), "cut");
    assert_eq!(
        (f.files(), read(&f.store, "k").await.as_str()),
        (1, "whole")
    );
}

#[tokio::test]
async fn a_put_that_is_cancelled_leaves_no_file() {
    let f = fixture();
    let body = stream::iter([Ok(Bytes::from("par"))]).chain(stream::pending());
    let wait = std::time::Duration::from_millis(20);
    let put = tokio::time::timeout(wait, f.store.put("k", None, body));
    assert!(put.await.is_err());
    assert_eq!((f.files(), f.store.head("k").unwrap()), (0, None));
}

#[tokio::test]
async fn a_prefix_is_literal_and_keys_are_in_code_point_order() {
    let f = fixture();
    for key in ["a_b/2", "a_b/1", "aXb/1", "a%b", "a_b/Z", "a_b/é", "a_b"] {
        f.put(key, "").await;
    }
    assert_eq!(
        keys(&f.store.list("a_b/").unwrap()),
        ["a_b/1", "a_b/2", "a_b/Z", "a_b/é"]
    );
    assert_eq!(keys(&f.store.list("a%").unwrap()), ["a%b"]);
    assert_eq!(f.store.list("").unwrap().len(), 7);
    assert!(f.store.list("b").unwrap().is_empty());
}

#[tokio::test]
async fn a_copy_outlives_its_source() {
    let f = fixture();
    f.put("from", "content").await;
    assert!(f.store.copy("from", "to").unwrap());
    assert!(!f.store.copy("nothing", "to").unwrap());
    assert!(f.store.delete("from").unwrap());
    assert_eq!(read(&f.store, "to").await, "content");
    assert!(f.store.copy("to", "to").unwrap());
    assert_eq!(read(&f.store, "to").await, "content");
    assert!(f.store.delete("to").unwrap());
    assert_eq!(f.files(), 0);
}

#[tokio::test]
async fn a_copy_that_loses_against_a_delete_leaves_no_key_without_content() {
    let f = fixture();
    for _ in 0..300 {
        f.put("from", "content").await;
        std::thread::scope(|scope| {
            for to in ["a", "b", "c", "d"] {
                let store = f.store.clone();
                scope.spawn(move || store.copy("from", to).unwrap());
            }
            scope.spawn(|| f.store.delete("from").unwrap());
        });
        for object in f.store.list("").unwrap() {
            assert_eq!(read(&f.store, &object.key).await, "content");
            f.store.delete(&object.key).unwrap();
        }
        assert_eq!(f.files(), 0);
    }
}

#[tokio::test]
async fn a_reader_keeps_what_it_opened() {
    let f = fixture();
    f.put("k", "old").await;
    let (_, mut file) = f.store.open_object("k").await.unwrap().unwrap();
    f.put("k", "new").await;
    let mut content = String::new();
    file.read_to_string(&mut content).await.unwrap();
    assert_eq!(content, "old");
}

#[tokio::test]
async fn opening_again_finds_the_objects_and_sweeps_the_rest() {
    let f = fixture();
    let put = f.put("../../k", "content").await;
    let orphan = f.directory.path().join("blobs").join("orphan");
    fs::write(&orphan, "left by a crash").unwrap();
    let again = open(f.directory.path());
    assert_eq!(again.list("").unwrap(), [put]);
    assert_eq!(read(&again, "../../k").await, "content");
    assert!(!orphan.exists());
}

#[tokio::test]
async fn puts_at_once_leave_one_whole_object() {
    let f = fixture();
    let puts = (0..16_u8).map(|n| {
        let store = f.store.clone();
        async move {
            let body = stream::iter((0..64).map(move |_| Ok(Bytes::from(vec![n; 512]))));
            store.put("k", None, body).await.unwrap()
        }
    });
    let puts = futures_util::future::join_all(puts).await;
    let left = f.store.head("k").unwrap().unwrap();
    assert!(puts.iter().any(|put| put.etag == left.etag));
    assert_eq!((left.size, f.files()), (64 * 512, 1));
}

#[tokio::test]
async fn a_full_disk_is_reported() {
    let f = fixture();
    f.put("k", "content").await;
    let pages: u32 = {
        let connection = f.store.database.lock();
        connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap()
    };
    let limit = |pages: u32| {
        let connection = f.store.database.lock();
        connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
    };
    limit(pages);
    let mut keys = (0..1000).map(|number| format!("{number:0>200}"));
    let error = loop {
        let key = keys.next().expect("the database is full");
        if let Err(error) = f.store.put_bytes(&key, None, Bytes::new()).await {
            break error;
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(error.to_string(), "database or disk is full");
    assert_eq!(
        f.store.copy("k", &"c".repeat(4000)).unwrap_err().kind(),
        error.kind()
    );
    assert_eq!(read(&f.store, "k").await, "content");
    limit(2 * pages);
    f.put("k2", "there is room again").await;
}
