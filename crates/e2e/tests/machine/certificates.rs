//! Services over TLS whose certificate nothing trusts.

use std::net::{Ipv4Addr, SocketAddr};

use opencloud_browser::serve::TlsListener;
use tokio::runtime::Runtime;
use url::Url;

use crate::common::{E2e, stack::Stack};

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
    let tls = TlsListener::bind(runtime.handle(), server, vec!["localhost".into()]).unwrap();
    let port = tls.address().port();
    format!("{settings}\n{key}=https://localhost:{port}\n")
}

#[test]
fn the_certificate_is_named_and_not_the_network() {
    let stack = Stack::start(&[]);
    let runtime = Runtime::new().unwrap();
    let account = stack.settings().replace("\nEMAIL=", "\nTEST_EMAIL=");
    let account = account.replace("\nPASSWORD=", "\nTEST_PASSWORD=");
    let inputs = tempfile::tempdir().unwrap();
    let zip = inputs.path().join("inputs.zip");
    crate::common::stack::inputs_zip(&zip);
    let account = format!(
        "{account}\nINPUTS_SOURCE={}\nINPUTS_DIRECTORY={}\n",
        zip.display(),
        inputs.path().join("inputs").display()
    );
    for (key, service) in SERVICES {
        let settings = over_tls(&runtime, &account, key);
        let ended = E2e::new(&["--dev", "--filter", "access::"], &settings).run();
        ended.assert_code(1);
        let told = ended.stdout.lines().find(|line| line.contains("ERR_CERT_"));
        let told = told.unwrap_or_else(|| panic!("{}", ended.stdout));
        assert!(told.contains("net::ERR_CERT_AUTHORITY_INVALID"), "{told}");
        assert!(told.contains("certificate"), "{told}");
        assert!(told.contains(service), "{told}");
        for wrong in ["nothing answers", "the network", "CORS"] {
            assert!(!ended.stdout.contains(wrong), "{wrong}: {}", ended.stdout);
        }
    }
}
