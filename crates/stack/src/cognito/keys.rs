//! The pool's two RSA keys: like AWS, one signs ID tokens and the other access tokens.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
};

use anyhow::Context as _;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    jwk::{Jwk, PublicKeyUse},
};
use rsa::{
    RsaPrivateKey,
    pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _},
    rand_core::OsRng,
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::sync::watch;

/// The length of a key in bits, which is AWS's.
const BITS: usize = 2048;

/// The keys of user pools, made when they are first needed; clones share them.
///
/// Making them takes half a second of processor time, so a caller that starts many stacks gives all
/// of them the same keys. The signature of a token of one of them is then valid for the others.
#[derive(Clone, Default)]
pub struct SigningKeys(Arc<Source>);

#[derive(Default)]
struct Source {
    /// Where they are kept.
    directory: Option<PathBuf>,
    made: [OnceLock<MadeKey>; 2],
}

/// A key's id and, as PKCS#1, itself.
type MadeKey = (String, Vec<u8>);

impl SigningKeys {
    /// Keys that are kept in `directory`, for the stacks of all processes that name it.
    #[must_use]
    pub fn kept_in(directory: PathBuf) -> Self {
        Self(Arc::new(Source {
            directory: Some(directory),
            ..Source::default()
        }))
    }

    fn of(&self, purpose: Purpose) -> &MadeKey {
        self.0.made[purpose as usize].get_or_init(|| {
            let directory = self.0.directory.as_ref();
            let path = directory.map(|directory| directory.join(purpose.name()));
            let der = path.as_deref().and_then(read).unwrap_or_else(|| {
                let key = RsaPrivateKey::new(&mut OsRng, BITS).expect("keys of this length exist");
                let der = key.to_pkcs1_der().expect("a new key can be encoded");
                // A key that cannot be kept is made anew the next time.
                let _ = path.map(|path| write(&path, der.as_bytes()));
                der.as_bytes().to_vec()
            });
            (BASE64_STANDARD.encode(Sha256::digest(&der)), der)
        })
    }
}

/// The key in this file, if it holds one.
fn read(path: &Path) -> Option<Vec<u8>> {
    let der = fs::read(path).ok()?;
    RsaPrivateKey::from_pkcs1_der(&der).ok()?;
    Some(der)
}

/// Only for the user who runs the stack to read, and whole whenever somebody reads it.
fn write(path: &Path, der: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(directory)?;
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(der)?;
    file.persist(path)?;
    Ok(())
}

// By hand: private keys stay out of logs.
impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").finish_non_exhaustive()
    }
}

/// The kind of token that a key signs.
#[derive(Clone, Copy)]
enum Purpose {
    Id,
    Access,
}

impl Purpose {
    /// The name of its file.
    fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
        }
    }
}

/// The keys, once they are there.
pub(super) struct Keys(watch::Receiver<Option<Arc<KeyPairs>>>);

/// Both keys.
pub(super) struct KeyPairs {
    pub(super) id: Key,
    pub(super) access: Key,
}

/// One key, by which tokens are signed and verified.
pub(super) struct Key {
    pub(super) kid: String,
    private: EncodingKey,
    public: Jwk,
}

impl Keys {
    /// Reads or makes the keys, in a thread of their own.
    pub(super) fn open(keys: SigningKeys) -> io::Result<Self> {
        let (sender, receiver) = watch::channel(None);
        thread::Builder::new()
            .name("cognito-keys".into())
            .spawn(move || {
                // If the stack was stopped meanwhile, no receiver is left.
                let _ = sender.send(Some(Arc::new(KeyPairs::of(&keys))));
            })?;
        Ok(Self(receiver))
    }

    /// Waits for the keys.
    pub(super) async fn ready(&self) -> Arc<KeyPairs> {
        let mut receiver = self.0.clone();
        let keys = receiver.wait_for(Option::is_some).await;
        keys.ok()
            .and_then(|keys| keys.clone())
            .expect("making keys does not panic")
    }
}

impl KeyPairs {
    /// Side by side: making a key takes up to a second.
    fn of(keys: &SigningKeys) -> Self {
        let key = |purpose| {
            let (kid, der) = keys.of(purpose);
            Key::read(kid.clone(), der).expect("a key can be read")
        };
        thread::scope(|scope| {
            let id = scope.spawn(|| key(Purpose::Id));
            let access = key(Purpose::Access);
            let id = id.join().expect("making a key does not panic");
            Self { id, access }
        })
    }

    /// The key that a token's header names.
    pub(super) fn find(&self, kid: &str) -> Option<&Key> {
        [&self.id, &self.access]
            .into_iter()
            .find(|key| key.kid == kid)
    }

    /// The public halves, as `/.well-known/jwks.json` has them.
    pub(super) fn jwks(&self) -> Value {
        json!({"keys": [self.id.public, self.access.public]})
    }
}

impl Key {
    fn read(kid: String, der: &[u8]) -> anyhow::Result<Self> {
        let private = EncodingKey::from_rsa_der(der);
        let mut public =
            Jwk::from_encoding_key(&private, Algorithm::RS256).context("read a kept key")?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            kid,
            private,
            public,
        })
    }

    pub(super) fn sign(
        &self,
        header: &Header,
        claims: &Value,
    ) -> jsonwebtoken::errors::Result<String> {
        jsonwebtoken::encode(header, claims, &self.private)
    }

    pub(super) fn decoding(&self) -> DecodingKey {
        DecodingKey::from_jwk(&self.public).expect("the key is an RSA key")
    }
}

/// The claims of a token, if this key signed them with RS256. Nothing else is checked.
pub(crate) fn signed_claims(token: &str, key: &DecodingKey) -> Option<Map<String, Value>> {
    let mut signature_only = Validation::new(Algorithm::RS256);
    signature_only.validate_exp = false;
    signature_only.validate_aud = false;
    signature_only.required_spec_claims.clear();
    let token = jsonwebtoken::decode(token, key, &signature_only).ok()?;
    Some(token.claims)
}

// By hand, for the same reason.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("ready", &self.0.borrow().is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_and_a_broken_one_is_made_anew() {
        let directory = tempfile::tempdir().unwrap();
        let ids = || {
            let keys = SigningKeys::kept_in(directory.path().join("keys"));
            [Purpose::Id, Purpose::Access].map(|purpose| keys.of(purpose).0.clone())
        };
        let [id, access] = ids();
        assert_ne!(id, access);
        assert_eq!(ids(), [&*id, &*access]);
        fs::write(directory.path().join("keys/access"), "half a key").unwrap();
        let [same, other] = ids();
        assert_eq!(same, id);
        assert_ne!(other, access);
        assert_eq!(ids(), [same, other]);
    }

    #[test]
    fn keys_that_cannot_be_kept_serve_all_the_same() {
        let keys = SigningKeys::kept_in("/dev/null/keys".into());
        let (kid, der) = keys.of(Purpose::Id);
        Key::read(kid.clone(), der).unwrap();
    }
}
