//! A deployment whose answers are compared with the recordings.

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::{
    group::Mode,
    http::{Answer, Client, Request},
};

/// Where a deployment is, and who may sign in there.
#[derive(Clone, Debug)]
pub struct Address {
    /// The UserAPI, without a slash at the end.
    pub user_api: String,
    /// Cognito's endpoint; AWS's own in the deployment's region, unless one is named.
    pub cognito: Option<String>,
    /// The WorkerAPI, where it can be reached.
    pub worker_api: Option<String>,
    /// The origin whose pages may read answers.
    pub origin: String,
    /// Where the codes lie that Cognito sends by mail; only the embedded `OpenCloud` has that.
    pub mailbox: Option<String>,
    /// The account in `users` (and perhaps in `workers`) whose files and jobs are made and deleted.
    pub user: Login,
    /// Another user.
    pub other: Option<Login>,
    /// An account in some group, but not in `users`.
    pub worker: Option<Login>,
    /// An account in no group.
    pub no_group: Option<Login>,
    /// Whether the account had no job before, so that the first one has the number 1.
    pub is_fresh: bool,
    /// Whether nothing runs jobs, so that they stay as they were created.
    pub jobs_wait: bool,
}

/// What somebody signs in with.
#[derive(Clone, Debug)]
pub struct Login {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// The accounts of the recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// In `users` and `workers`.
    User,
    /// In `users` alone.
    Other,
    /// In `workers` alone.
    Worker,
    /// In no group.
    NoGroup,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::User, Self::Other, Self::Worker, Self::NoGroup];

    /// The role of an account in these groups.
    pub(crate) fn of_groups(groups: &Value) -> Self {
        let groups = groups.as_array().map_or(&[][..], Vec::as_slice);
        let is_in = |name: &str| groups.iter().any(|group| group == name);
        match (is_in("users"), is_in("workers")) {
            (true, true) => Self::User,
            (true, false) => Self::Other,
            (false, true) => Self::Worker,
            (false, false) => Self::NoGroup,
        }
    }

    /// Why something cannot be done without an account of this role.
    pub(crate) fn needed(self) -> String {
        format!("it needs {}", self.name())
    }

    /// What an account of this role is, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "the account",
            Self::Other => "another user",
            Self::Worker => "an account in some group, but not in `users`",
            Self::NoGroup => "an account in no group",
        }
    }
}

/// An account that the deployment does not let in: what it was given for it is wrong.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} ({email}) cannot sign in: {reason}", role.name())]
pub struct SignInRefused {
    /// Its role.
    pub role: Role,
    /// The address.
    pub email: String,
    /// Why, in Cognito's words.
    pub reason: String,
}

/// An account that has signed in.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its role.
    pub role: Role,
    /// What it signed in with.
    pub login: Login,
    /// The user's id.
    pub id: String,
    /// Its groups, as its token names them; null if it is in none.
    pub groups: Value,
    /// The ID token.
    pub id_token: String,
    /// The access token.
    pub access_token: String,
}

/// Cognito's errors that say that an account's address or password is wrong, or its state.
const OF_ACCOUNTS: [&str; 4] = [
    "NotAuthorizedException",
    "UserNotFoundException",
    "UserNotConfirmedException",
    "PasswordResetRequiredException",
];

/// A bucket of S3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Where uploads go.
    pub url: String,
    /// Its name.
    pub bucket: String,
    /// Above the directories of all users; a slash at the end.
    pub root: String,
}

/// A deployment, and what it said about itself.
#[derive(Debug)]
pub struct Deployment {
    /// Where it is.
    pub address: Address,
    /// Where it keeps files.
    pub mode: Mode,
    /// Its user pool.
    pub pool: String,
    /// The client of that pool.
    pub client: String,
    /// The pool's region.
    pub region: String,
    /// Cognito's endpoint.
    pub cognito: String,
    /// Where uploads go, if that is S3.
    pub s3: Option<Bucket>,
    /// The accounts that could sign in.
    pub accounts: Vec<Account>,
    /// Sends requests.
    pub http: Client,
}

impl Deployment {
    /// Asks a deployment about itself through `http`, and signs in.
    ///
    /// # Errors
    /// If it does not answer, or not as a UserAPI does, or an account cannot sign in: [`SignInRefused`] if
    /// Cognito says that this is the account's fault.
    pub fn connect(address: Address, http: Client) -> anyhow::Result<Self> {
        let info = get(&http, &format!("{}/access_info", address.user_api), None)?;
        let info = info.json();
        let member = |name: &str| {
            let text = info["cognito"][name].as_str().map(str::to_owned);
            text.with_context(|| format!("{}/access_info names no {name}", address.user_api))
        };
        let (pool, client, region) = (
            member("user_pool_id")?,
            member("client_id")?,
            member("region")?,
        );
        let of_aws = || format!("https://cognito-idp.{region}.amazonaws.com");
        let cognito = address.cognito.clone().unwrap_or_else(of_aws);
        let cognito = cognito.trim_end_matches('/').to_owned();
        let mut accounts = Vec::new();
        for role in Role::ALL {
            let login = match role {
                Role::User => Some(&address.user),
                Role::Other => address.other.as_ref(),
                Role::Worker => address.worker.as_ref(),
                Role::NoGroup => address.no_group.as_ref(),
            };
            if let Some(login) = login {
                accounts.push(sign_in(&http, &cognito, &client, role, login)?);
            }
        }
        let s3 = bucket(&http, &address.user_api, &accounts[0])?;
        Ok(Self {
            address,
            mode: s3.as_ref().map_or(Mode::Local, |_| Mode::S3),
            s3,
            pool,
            client,
            region,
            cognito,
            accounts,
            http,
        })
    }

    /// The account whose files and jobs are made and deleted.
    #[must_use]
    pub fn user(&self) -> &Account {
        &self.accounts[0]
    }

    /// The account of a role, if it is known.
    #[must_use]
    pub fn account(&self, role: Role) -> Option<&Account> {
        self.accounts.iter().find(|account| account.role == role)
    }

    /// A request of the user's to the UserAPI.
    ///
    /// # Errors
    /// If no answer comes.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        self.ask_as(self.user(), method, path, body)
    }

    /// A request of the user's of an account to the UserAPI.
    pub(crate) fn ask_as(
        &self,
        account: &Account,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let mut headers = vec![bearer(&account.id_token)];
        if body.is_some() {
            headers.push(("Content-Type".into(), "application/json".into()));
        }
        self.http.send(&Request {
            method: method.into(),
            url: format!("{}{path}", self.address.user_api),
            headers,
            body: body.map(|body| body.to_string().into_bytes()),
        })
    }
}

pub(crate) fn bearer(token: &str) -> (String, String) {
    ("Authorization".into(), format!("Bearer {token}"))
}

fn get(http: &Client, url: &str, token: Option<&str>) -> anyhow::Result<Answer> {
    let answer = http.send(&Request {
        method: "GET".into(),
        url: url.into(),
        headers: token.map(bearer).into_iter().collect(),
        body: None,
    })?;
    if answer.status != 200 {
        bail!("GET {url} is answered with {}", answer.status);
    }
    Ok(answer)
}

fn sign_in(
    http: &Client,
    cognito: &str,
    client: &str,
    role: Role,
    login: &Login,
) -> anyhow::Result<Account> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client,
        "AuthParameters": {"USERNAME": login.email, "PASSWORD": login.password},
    });
    let target = "AWSCognitoIdentityProviderService.InitiateAuth";
    let answer = http.send(&Request {
        method: "POST".into(),
        url: format!("{cognito}/"),
        headers: vec![
            ("Content-Type".into(), "application/x-amz-json-1.1".into()),
            ("X-Amz-Target".into(), target.into()),
        ],
        body: Some(body.to_string().into_bytes()),
    })?;
    let said = answer.json();
    let refused = |reason: &str| SignInRefused {
        role,
        email: login.email.clone(),
        reason: reason.to_owned(),
    };
    let reason = said["message"].as_str();
    let kind = said["__type"].as_str().unwrap_or_default();
    if OF_ACCOUNTS
        .iter()
        .any(|of_account| kind.ends_with(of_account))
    {
        bail!(refused(reason.unwrap_or(kind)));
    }
    let token = |name: &str| {
        let text = said["AuthenticationResult"][name].as_str();
        text.map(str::to_owned).with_context(|| {
            let reason = reason.unwrap_or("no token in the answer");
            refused(reason).to_string()
        })
    };
    let (id_token, access_token) = (token("IdToken")?, token("AccessToken")?);
    let claims = claims(&id_token).context("an ID token that is not a JWT")?;
    let id = claims["cognito:username"].as_str();
    Ok(Account {
        role,
        login: login.clone(),
        id: id
            .context("an ID token without cognito:username")?
            .to_owned(),
        groups: claims["cognito:groups"].clone(),
        id_token,
        access_token,
    })
}

fn claims(token: &str) -> Option<Value> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Where an upload would go says where files are kept. Asking changes nothing.
fn bucket(http: &Client, user_api: &str, user: &Account) -> anyhow::Result<Option<Bucket>> {
    let url = format!("{user_api}/files/config/contract/url");
    let answer = http.send(&Request {
        method: "POST".into(),
        url: url.clone(),
        headers: vec![bearer(&user.id_token)],
        body: None,
    })?;
    let said = answer.json();
    let to = said["url"].as_str();
    let to = to.with_context(|| format!("POST {url} is answered with {}", answer.status))?;
    if to.starts_with(user_api) {
        return Ok(None);
    }
    let parsed = url::Url::parse(to).with_context(|| format!("POST {url} names {to}"))?;
    // Its name is the path, or the first part of the host.
    let in_path = parsed.path().trim_matches('/');
    let in_host = parsed.host_str().unwrap_or_default().split('.').next();
    let bucket = Some(in_path).filter(|name| !name.is_empty()).or(in_host);
    let key = said["data"]["key"].as_str().unwrap_or_default();
    let root = key.split(&user.id).next().unwrap_or_default();
    Ok(Some(Bucket {
        url: to.to_owned(),
        bucket: bucket.unwrap_or_default().to_owned(),
        root: root.to_owned(),
    }))
}
