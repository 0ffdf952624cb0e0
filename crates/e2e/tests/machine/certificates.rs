//! Services over TLS whose certificate nothing trusts.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use opencloud_browser::serve::TlsListener;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, rustls::pki_types::PrivatePkcs8KeyDer};
use url::Url;

use crate::{
    common::{
        E2e,
        stack::{Stack, inputs_zip},
    },
    machine::namespace::inside_with_network,
};

/// The keys of the services' addresses, and how a message names each.
const SERVICES: [(&str, &str); 2] = [
    ("USERFACING_API_URL", "UserAPI"),
    ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "Cognito"),
];

/// `settings` with the service of `key` behind `tls`.
fn over_tls(runtime: &Runtime, settings: &str, key: &str) -> String {
    let line = settings
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key}=")));
    let url = Url::parse(line.unwrap().trim_matches('\'')).unwrap();
    let server = SocketAddr::from((Ipv4Addr::LOCALHOST, url.port().unwrap()));
    let (host, origins) = (server.ip(), ["https://localhost".into()]);
    let tls = TlsListener::bind(runtime.handle(), host, server, &origins).unwrap();
    let port = tls.address().port();
    format!("{settings}\n{key}=https://localhost:{port}\n")
}

/// The settings of a stack as those of a deployment.
fn as_deployment(stack: &Stack, inputs: &Path) -> String {
    let account = stack.settings_of_dev();
    let zip = inputs.join("inputs.zip");
    inputs_zip(&zip);
    format!(
        "{account}\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.join("inputs").display()
    )
}

#[test]
fn the_certificate_is_named_and_not_the_network() {
    let stack = Stack::start(&[]);
    let runtime = Runtime::new().unwrap();
    let inputs = tempfile::tempdir().unwrap();
    let account = as_deployment(&stack, inputs.path());
    let engines = [
        ("chromium", "net::ERR_CERT_AUTHORITY_INVALID"),
        ("firefox", "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT"),
    ];
    for ((engine, error), (key, service)) in engines
        .into_iter()
        .flat_map(|engine| SERVICES.map(|service| (engine, service)))
    {
        let settings = over_tls(&runtime, &account, key);
        let args = ["--dev", "--browser", engine, "--filter", "access::"];
        let ended = E2e::new(&args, &settings).run();
        ended.assert_code(1);
        let told = ended.stdout.lines().find(|line| line.contains(error));
        let told = told.unwrap_or_else(|| panic!("{}", ended.stdout));
        assert!(told.contains("certificate"), "{told}");
        assert!(told.contains(service), "{told}");
        for wrong in ["nothing answers", "the network", "CORS"] {
            assert!(!ended.stdout.contains(wrong), "{wrong}: {}", ended.stdout);
        }
    }
}

/// An authority that a browser trusts if its policies say so.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap();
        Self {
            certificate: BASE64_STANDARD.encode(pem.der()),
            issuer: Issuer::new(params, key),
        }
    }

    /// Listens with a certificate for `host` that ends in `year`, and answers nothing. Returns the port.
    fn listen(&self, runtime: &Runtime, host: &str, year: i32) -> u16 {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(year - 1, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let tls = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move { acceptor.accept(client).await.map(drop) });
            }
        });
        port
    }
}

#[test]
fn a_certificate_that_has_expired_and_one_for_another_host_are_told_apart() {
    let stack = Stack::start(&[]);
    let inputs = tempfile::tempdir().unwrap();
    let account = as_deployment(&stack, inputs.path());
    let runtime = Runtime::new().unwrap();
    let authority = Authority::new();
    let trust = format!(
        "mount -t tmpfs none /etc/chromium; mkdir -p /etc/chromium/policies/managed; \
         echo '{{\"CACertificates\": [\"{}\"]}}' > /etc/chromium/policies/managed/x.json",
        authority.certificate
    );
    let year = i32::from(jiff::Zoned::now().year());
    for (host, ends, error, meaning) in [
        (
            "localhost",
            year - 1,
            "ERR_CERT_DATE_INVALID",
            "it has expired",
        ),
        (
            "other.test",
            year + 1,
            "ERR_CERT_COMMON_NAME_INVALID",
            "it is for another host name",
        ),
    ] {
        let port = authority.listen(&runtime, host, ends);
        let settings = format!("{account}\nUSERFACING_API_URL=https://localhost:{port}\n");
        let e2e = E2e::new(&["--dev", "--filter", "access::"], &settings);
        let Some(e2e) = inside_with_network(e2e, &trust) else {
            return;
        };
        let ended = e2e.run();
        ended.assert_code(1);
        let told = ended.stdout.lines().find(|line| line.contains(error));
        let told = told.unwrap_or_else(|| panic!("{}", ended.stdout));
        assert!(told.contains(meaning), "{told}");
    }
}
