//! The policies of the machine's administrator, which win over all switches.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use url::Url;

use crate::proxies::{Proxies, is_this_machine};

/// The policies of one file.
struct Policies {
    file: PathBuf,
    all: Map<String, Value>,
}

/// The files of policies for the browser `program`, in the order in which it reads them.
pub(super) fn files(program: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = directories(program)
        .iter()
        .filter_map(|directory| fs::read_dir(Path::new(directory).join("managed")).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .collect();
    files.sort();
    files
}

/// Where the builds of each vendor look on Linux.
fn directories(program: &Path) -> &'static [&'static str] {
    let program = fs::canonicalize(program).unwrap_or_else(|_| program.to_owned());
    let path = program.to_string_lossy();
    if path.contains("/google/") || path.contains("google-chrome") {
        &["/etc/opt/chrome/policies"]
    } else if path.contains("microsoft") || path.contains("edge") {
        &["/etc/opt/edge/policies"]
    } else if path.ends_with("/chrome") {
        &["/etc/opt/chrome_for_testing/policies"]
    } else {
        &["/etc/chromium/policies", "/etc/chromium-browser/policies"]
    }
}

/// Why policies keep a run from the browser, if they do: it may not be driven, or it would ask a proxy
/// for one of `origins`. `proxies` are those of the environment.
pub(super) fn obstacle(program: &Path, origins: &[String], proxies: &Proxies) -> Option<String> {
    files(program)
        .into_iter()
        .filter_map(read)
        .find_map(|policies| not_driven(&policies).or_else(|| proxied(&policies, origins, proxies)))
}

fn read(file: PathBuf) -> Option<Policies> {
    let text = fs::read_to_string(&file).ok()?;
    let all = serde_json::from_str(&text).ok()?;
    Some(Policies { file, all })
}

fn not_driven(policies: &Policies) -> Option<String> {
    let forbids = policies.all.get("RemoteDebuggingAllowed") == Some(&Value::Bool(false));
    forbids.then(|| {
        format!(
            "the policy RemoteDebuggingAllowed in {} forbids that the browser is driven",
            policies.file.display()
        )
    })
}

fn proxied(policies: &Policies, origins: &[String], proxies: &Proxies) -> Option<String> {
    // The older policies, each of its own, have the names of the newer one's members.
    let (name, settings) = match policies.all.get("ProxySettings") {
        Some(Value::Object(settings)) => ("ProxySettings", settings),
        _ => ("ProxyMode", &policies.all),
    };
    let text = |key: &str| settings.get(key).and_then(Value::as_str);
    let exempt = match text("ProxyMode")? {
        "fixed_servers" => text("ProxyBypassList").unwrap_or_default(),
        "pac_script" | "auto_detect" => "",
        "system" if proxies.servers().next().is_some() => "",
        _ => return None,
    };
    let origin = origins.iter().find(|origin| is_proxied(origin, exempt))?;
    Some(format!(
        "the policy {name} in {} lets the browser ask a proxy for {origin}, which a run serves itself; \
         its ProxyBypassList must name that host",
        policies.file.display()
    ))
}

/// Whether a proxy is asked for `origin`, but for the hosts that `exempt` names. Chromium asks none for
/// this machine.
fn is_proxied(origin: &str, exempt: &str) -> bool {
    let Some((host, port)) = Url::parse(origin).ok().and_then(|url| {
        let host = url.host().filter(|host| !is_this_machine(host))?;
        Some((host.to_string(), url.port_or_known_default()?))
    }) else {
        return false;
    };
    !exempt.split([',', ';', ' ']).any(|pattern| {
        let pattern = match pattern.rsplit_once(':') {
            Some((pattern, its)) if its == port.to_string() => pattern,
            Some(_) => return false,
            None => pattern,
        };
        match pattern
            .strip_prefix('*')
            .or_else(|| pattern.starts_with('.').then_some(pattern))
        {
            Some(ending) => host.ends_with(ending),
            None => host == pattern,
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(policies: Value, proxies: &Proxies) -> Option<String> {
        let Value::Object(all) = policies else {
            panic!("no object")
        };
        let file = "/x.json".into();
        let origins = ["http://localhost:8080", "null", "http://evillocalhost:8080"];
        let policies = Policies { file, all };
        not_driven(&policies).or_else(|| proxied(&policies, &origins.map(Into::into), proxies))
    }

    #[test]
    fn policies_that_keep_a_run_from_the_browser_are_named() {
        let none = Proxies::default();
        for (policies, name) in [
            (
                json!({"RemoteDebuggingAllowed": false}),
                "RemoteDebuggingAllowed",
            ),
            (json!({"ProxyMode": "auto_detect"}), "ProxyMode"),
            (
                json!({"ProxyMode": "fixed_servers", "ProxyBypassList": "localhost,evillocalhost:1"}),
                "ProxyMode",
            ),
            (
                json!({"ProxySettings": {"ProxyMode": "pac_script", "ProxyPacUrl": "http://a"}}),
                "ProxySettings",
            ),
        ] {
            let told = found(policies, &none).unwrap();
            assert!(told.contains(name) && told.contains("/x.json"), "{told}");
        }
        for policies in [
            json!({}),
            json!({"RemoteDebuggingAllowed": true, "ProxyMode": "direct"}),
            json!({"ProxyMode": "system"}),
            json!({"ProxyMode": "fixed_servers", "ProxyBypassList": "evillocalhost:8080"}),
            json!({"ProxyMode": "fixed_servers", "ProxyBypassList": "a;*localhost"}),
        ] {
            assert_eq!(found(policies, &none), None);
        }
        let some = Proxies::read(|key| (key == "http_proxy").then(|| "p.test:1".into()));
        assert!(found(json!({"ProxyMode": "system"}), &some).is_some());
    }
}
