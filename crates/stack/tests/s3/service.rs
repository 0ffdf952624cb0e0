//! A service to talk to, and forms to post.

use std::{path::Path, time::Duration};

use jiff::Timestamp;
use opencloud_stack::{
    database::Database,
    s3::{self, Bucket, CorsRule, ObjectStore, PostForm, Signer},
};
use reqwest::{Method, Response, multipart};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const BUCKET: &str = "decode-user-data";
pub(crate) const FRONTEND: &str = "http://localhost:8080";
pub(crate) const PREFIX: &str = "user_data/me/config/exp/";
pub(crate) const TEN_MINUTES: Duration = Duration::from_secs(600);

pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) store: ObjectStore,
    pub(crate) signer: Signer,
    pub(crate) directory: TempDir,
    pub(crate) client: reqwest::Client,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::with_rules(vec![CorsRule::for_frontend(FRONTEND)]).await
    }

    pub(crate) async fn with_rules(cors: Vec<CorsRule>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (store, signer) = open(directory.path());
        let bucket = Bucket {
            faults: opencloud_stack::Faults::default(),
            name: BUCKET.into(),
            store: store.clone(),
            cors,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = s3::router(signer.clone(), bucket);
        tokio::spawn(async { axum::serve(listener, router).await });
        Self {
            url,
            store,
            signer,
            directory,
            client: reqwest::Client::new(),
        }
    }

    pub(crate) fn form(&self) -> PostForm {
        self.signer
            .presign_post(Timestamp::now(), &self.url, BUCKET, PREFIX, TEN_MINUTES)
    }

    /// A form with a policy of the test's own: these conditions besides those for what every form
    /// has, valid for `seconds` from now.
    pub(crate) fn form_with(&self, conditions: &[&str], seconds: i64) -> PostForm {
        let now = Timestamp::now();
        let expiration = Timestamp::from_second(now.as_second() + seconds).unwrap();
        let mut all = vec![
            format!(r#"["starts-with", "$key", "{PREFIX}"]"#),
            r#"["starts-with", "$x-amz-algorithm", ""]"#.into(),
            r#"["starts-with", "$x-amz-credential", ""]"#.into(),
            r#"["starts-with", "$x-amz-date", ""]"#.into(),
        ];
        all.extend(conditions.iter().map(|&condition| condition.to_owned()));
        let policy = format!(
            r#"{{"expiration": "{expiration}", "conditions": [{}]}}"#,
            all.join(", ")
        );
        let mut fields = self.signer.sign_policy(now, &policy);
        fields.insert(0, ("key".into(), format!("{PREFIX}${{filename}}")));
        let url = format!("{}/{BUCKET}", self.url);
        PostForm { url, fields }
    }

    pub(crate) async fn post(&self, form: &PostForm, name: &str, content: &[u8]) -> Response {
        let mut parts = multipart::Form::new();
        for (name, value) in &form.fields {
            parts = parts.text(name.clone(), value.clone());
        }
        let file = multipart::Part::bytes(content.to_vec()).file_name(name.to_owned());
        self.client
            .post(&form.url)
            .multipart(parts.part("file", file))
            .send()
            .await
            .unwrap()
    }

    pub(crate) fn presigned_get(&self, key: &str) -> String {
        self.signer.presign(
            Timestamp::now(),
            &Method::GET,
            &self.url,
            BUCKET,
            key,
            TEN_MINUTES,
        )
    }

    /// How many contents lie on the disk.
    pub(crate) fn blobs(&self) -> usize {
        std::fs::read_dir(self.directory.path().join("blobs"))
            .unwrap()
            .count()
    }
}

/// Opens what a data directory holds.
pub(crate) fn open(directory: &Path) -> (ObjectStore, Signer) {
    let database = Database::open(&directory.join("stack.sqlite")).unwrap();
    let signer = Signer::open(&database, "eu-central-1").unwrap();
    let store = ObjectStore::open(database, &directory.join("blobs")).unwrap();
    (store, signer)
}

/// Changes one field of a form; an empty value removes it.
pub(crate) fn set(form: &mut PostForm, name: &str, value: &str) {
    form.fields.retain(|(field, _)| field != name);
    if !value.is_empty() {
        form.fields.push((name.into(), value.into()));
    }
}

/// The status, and the code and message of a refusal.
pub(crate) async fn refusal(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    assert!(response.headers().contains_key("x-amz-request-id"));
    assert_eq!(response.headers()["content-type"], "application/xml");
    let xml = response.text().await.unwrap();
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
        let (text, _) = rest.split_once(&format!("</{name}>")).unwrap();
        text.replace("&quot;", "\"")
    };
    (status, element("Code"), element("Message"))
}
