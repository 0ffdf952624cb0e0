//! Browsers of companies, whose policies win over switches; and ports that no browser opens.

use crate::{common::E2e, machine::namespace::inside};

/// How a run ends whose browser has these policies. The machine's other browsers do not.
fn with_policies(policies: &str, args: &[&str]) -> Option<crate::common::Ended> {
    let setup = format!(
        "mount -t tmpfs none /etc/chromium; mkdir -p /etc/chromium/policies/managed; \
         echo '{policies}' > /etc/chromium/policies/managed/x.json"
    );
    let ended = inside(E2e::new(args, ""), &setup)?.run();
    ended.assert_nothing_left();
    Some(ended)
}

#[test]
fn a_policy_that_forbids_the_run_is_named_without_a_try() {
    for (policies, name) in [
        (
            r#"{"RemoteDebuggingAllowed": false}"#,
            "RemoteDebuggingAllowed",
        ),
        (
            r#"{"ProxyMode": "fixed_servers", "ProxyServer": "127.0.0.1:9"}"#,
            "ProxyMode",
        ),
        (
            r#"{"ProxySettings": {"ProxyMode": "pac_script", "ProxyPacUrl": "http://127.0.0.1:9/"}}"#,
            "ProxySettings",
        ),
    ] {
        let Some(ended) = with_policies(policies, &["--filter", "access::"]) else {
            return;
        };
        ended.refused(&[name, "/etc/chromium/policies/managed/x.json"]);
    }
}

#[test]
fn a_page_that_is_blocked_is_told_in_the_browsers_words() {
    let blocklist = r#"{"URLBlocklist": ["localhost"]}"#;
    let Some(ended) = with_policies(blocklist, &["--filter", "access::"]) else {
        return;
    };
    ended.assert_code(3);
    let told = "error: the browser opens no page at http://localhost:8080: \
                net::ERR_BLOCKED_BY_ADMINISTRATOR";
    ended.tells(told);
    let file = "policies: /etc/chromium/policies/managed/x.json";
    ended.tells(file);
}

#[test]
fn policies_that_let_the_page_pass_change_nothing() {
    let exempt = r#"{"ProxyMode": "fixed_servers", "ProxyServer": "127.0.0.1:9",
        "ProxyBypassList": "*localhost", "URLBlocklist": ["example.org"]}"#;
    if let Some(ended) = with_policies(exempt, &["--filter", "origins::"]) {
        ended.assert_code(0);
    }
}

#[test]
fn ports_that_browsers_refuse_are_bad_input() {
    for key in [
        "FRONTEND_URL",
        "USERFACING_API_URL",
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
    ] {
        let account = "TEST_EMAIL=a@b.c\nTEST_PASSWORD=x\n";
        let settings = format!("{account}{key}=http://localhost:6000\n");
        let ended = E2e::new(&["--dev"], &settings).run();
        ended.refused(&[key, "browsers send no request to port 6000"]);
    }
    let next = "FRONTEND_URL=http://localhost:5999\n";
    let ended = E2e::new(&["--filter", "origins::"], next).run();
    ended.assert_code(0);
}
