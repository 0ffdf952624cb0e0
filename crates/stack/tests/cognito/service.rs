//! A user pool to talk to.

use std::{path::Path, sync::LazyLock, time::Duration};

use opencloud_stack::{
    cognito::{Account, Cognito, CognitoConfig, SigningKeys},
    database::Database,
};
use reqwest::Response;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

const DATABASE: &str = "stack.sqlite";
pub(crate) const FRONTEND: &str = "http://localhost:8080";

pub(crate) struct Service {
    pub(crate) url: String,
    pub(crate) cognito: Cognito,
    pub(crate) client: reqwest::Client,
    pub(crate) directory: TempDir,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::with_config(CognitoConfig::default()).await
    }

    /// A pool that shares its keys with those of the other tests: making them is slow.
    pub(crate) async fn with_config(mut config: CognitoConfig) -> Self {
        static KEYS: LazyLock<SigningKeys> = LazyLock::new(SigningKeys::default);
        config.keys = KEYS.clone();
        let directory = tempfile::tempdir().unwrap();
        let cognito = open(directory.path(), config);
        Self::serve(cognito, directory).await
    }

    /// A pool that has nothing in common with any other.
    pub(crate) async fn fresh() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let cognito = open(directory.path(), keys_in(directory.path()));
        Self::serve(cognito, directory).await
    }

    /// The same data, opened again.
    pub(crate) async fn restart(self) -> Self {
        let cognito = open(self.directory.path(), keys_in(self.directory.path()));
        Self::serve(cognito, self.directory).await
    }

    async fn serve(cognito: Cognito, directory: TempDir) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = cognito.router();
        tokio::spawn(async { axum::serve(listener, router).await });
        Self {
            url,
            cognito,
            client: reqwest::Client::new(),
            directory,
        }
    }

    pub(crate) fn account(&self, name: &str) -> &Account {
        let email = format!("{name}@opencloud.test");
        let mut accounts = self.cognito.accounts().iter();
        accounts.find(|account| account.email == email).unwrap()
    }

    pub(crate) async fn send(&self, operation: &str, body: impl Into<String>) -> Response {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        self.client
            .post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .header("origin", FRONTEND)
            .body(body.into())
            .send()
            .await
            .unwrap()
    }

    /// The status and the body.
    pub(crate) async fn call(&self, operation: &str, body: Value) -> (u16, Value) {
        let response = self.send(operation, body.to_string()).await;
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    pub(crate) async fn initiate(&self, flow: &str, parameters: Value) -> (u16, Value) {
        let client = &self.cognito.ids().client;
        let body = json!({"AuthFlow": flow, "ClientId": client, "AuthParameters": parameters});
        self.call("InitiateAuth", body).await
    }

    /// The `AuthenticationResult` of a sign-in by password.
    pub(crate) async fn sign_in(&self, name: &str) -> Value {
        let account = self.account(name);
        let parameters = json!({"USERNAME": account.email, "PASSWORD": account.password});
        let (status, answer) = self.initiate("USER_PASSWORD_AUTH", parameters).await;
        assert_eq!(status, 200, "{answer}");
        answer["AuthenticationResult"].clone()
    }

    pub(crate) async fn refresh(&self, token: &Value) -> (u16, Value) {
        let parameters = json!({"REFRESH_TOKEN": token});
        self.initiate("REFRESH_TOKEN_AUTH", parameters).await
    }

    pub(crate) async fn get_user(&self, token: &Value) -> (u16, Value) {
        self.call("GetUser", json!({"AccessToken": token})).await
    }
}

/// A pool whose keys are kept beside its data.
fn keys_in(directory: &Path) -> CognitoConfig {
    CognitoConfig {
        keys: SigningKeys::kept_in(directory.join("keys")),
        ..CognitoConfig::default()
    }
}

fn open(directory: &Path, config: CognitoConfig) -> Cognito {
    let database = Database::open(&directory.join(DATABASE)).unwrap();
    Cognito::open(database, config).unwrap()
}

/// A pool whose tokens live this many seconds.
pub(crate) fn lifetimes(tokens: u64, refresh: u64) -> CognitoConfig {
    CognitoConfig {
        token_lifetime: Duration::from_secs(tokens),
        refresh_lifetime: Duration::from_secs(refresh),
        ..CognitoConfig::default()
    }
}

/// A refusal, as `call` returns it.
pub(crate) fn refused(kind: &str, message: &str) -> (u16, Value) {
    (400, json!({"__type": kind, "message": message}))
}
