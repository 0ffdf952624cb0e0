//! A build of the frontend: whether it can be served, and for which UserAPI it was made.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use anyhow::Context;
use opencloud_browser::process::Failure;
use regex::Regex;
use url::Url;

/// The script that a page loads.
static SCRIPT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"<script\b[^>]*\ssrc=["']?([^"'\s>]+)"#));
/// A URL as a string literal. Its quotes may be escaped: a bundle for development holds scripts as
/// strings.
static URL: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["'`](https?://[^"'`\\]*)"#));
/// The first member of the object that `axios.create` gets.
static BASE_URL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"\{[\s\\n]*baseURL\s*:\s*(?:\\?["'`](?<literal>https?://[^"'`\\]*))?"#)
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is well formed")
}

/// A directory with the files of a build.
#[derive(Debug)]
pub(super) struct FrontendBuild {
    directory: PathBuf,
    /// The text of its page.
    page: String,
    /// The texts of its scripts.
    scripts: Vec<String>,
}

impl FrontendBuild {
    /// Reads the build in `directory`. Fails if that holds no page.
    pub(super) fn read(directory: &Path) -> Result<Self, Failure> {
        let page = directory.join("index.html");
        if !page.is_file() {
            let dist = directory.join("dist");
            let hint = if dist.join("index.html").is_file() {
                dist.display().to_string()
            } else {
                "the directory dist that npm run build makes".to_owned()
            };
            return Err(Failure::Input(format!(
                "{} has no index.html: give --open-frontend {hint}",
                directory.display()
            )));
        }
        let mut scripts = Vec::new();
        read_scripts(directory, &mut scripts)?;
        Ok(Self {
            directory: directory.to_owned(),
            page: read_text(&page)?,
            scripts,
        })
    }

    /// Fails if a browser would show nothing of the build, or if it calls another UserAPI than that at
    /// `user_api`.
    pub(super) fn check(&self, user_api: &str) -> Result<(), Failure> {
        let shown = self.directory.display();
        let advice =
            format!("build it again with VUE_APP_API_URL={user_api} PUBLIC_PATH=/ npm run build");
        let is_missing = |source: &&str| !self.directory.join(file(source)).is_file();
        if let Some(source) = script_sources(&self.page).find(is_missing) {
            return Err(Failure::Input(format!(
                "{shown} was built for another path than /, because it holds no {source}, which \
                 index.html loads: {advice}"
            )));
        }
        let scripts = self.scripts.iter();
        let mut urls = scripts.clone().flat_map(|script| urls(script));
        if urls.any(|url| url.trim_end_matches('/') == user_api) {
            return Ok(());
        }
        let found: BTreeSet<_> = scripts.filter_map(|script| base_url(script)).collect();
        let found: Vec<_> = found.into_iter().collect();
        let built_for = match &found[..] {
            [] => format!("{shown} names no UserAPI that could be this one, {user_api}"),
            _ => format!(
                "{shown} was built for the UserAPI at {}, and this one is at {user_api}",
                found.join(" or ")
            ),
        };
        let port_advice = port_advice(&found);
        Err(Failure::Input(format!(
            "{built_for}: {advice}{port_advice}"
        )))
    }
}

/// A build for another port of this machine can be used as it is.
fn port_advice(found: &[&str]) -> String {
    let [url] = found else { return String::new() };
    let url = Url::parse(url).ok();
    let local = url.filter(|url| url.scheme() == "http" && url.host_str() == Some("localhost"));
    let local = local.filter(|url| url.path() == "/");
    match local.and_then(|url| url.port()) {
        Some(port) => format!(", or give --user-api-port {port}"),
        None => String::new(),
    }
}

/// The sources of the scripts that a page loads from its own origin.
fn script_sources(html: &str) -> impl Iterator<Item = &str> {
    let sources = SCRIPT.captures_iter(html).map(|found| found.extract());
    let sources = sources.map(|(_, [source])| source);
    sources.filter(|source| !source.starts_with("//") && !source.contains("://"))
}

/// The path of the file that the page means by `source`.
fn file(source: &str) -> &str {
    let path = source.split(['?', '#']).next().unwrap_or_default();
    path.trim_start_matches('/')
}

fn read_scripts(directory: &Path, scripts: &mut Vec<String>) -> anyhow::Result<()> {
    let entries = fs::read_dir(directory);
    for entry in entries.with_context(|| format!("cannot read {}", directory.display()))? {
        let entry = entry?;
        let path = entry.path();
        // A link may lead back to where it is.
        if entry.file_type()?.is_dir() {
            read_scripts(&path, scripts)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "js" || extension == "mjs")
        {
            scripts.push(read_text(&path)?);
        }
    }
    Ok(())
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The string literals of `script` that are URLs.
fn urls(script: &str) -> impl Iterator<Item = &str> {
    let literals = URL.captures_iter(script).map(|found| found.extract());
    literals.map(|(_, [url])| url)
}

/// The UserAPI's address in a script that calls `axios.create({baseURL: …})`: the literal there, or the
/// last one before, because a variable gets its value shortly before it is used.
fn base_url(script: &str) -> Option<&str> {
    let member = BASE_URL.captures(script)?;
    match member.name("literal") {
        Some(literal) => Some(literal.as_str()),
        None => urls(&script[..member.get_match().start()]).last(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_build_is_found() {
        let prod = "https://prod.example.org";
        for script in [
            // As webpack and terser write it, with the variable and without it.
            r#"a("/login");const u="https://prod.example.org",c=n.Z.create({baseURL:u});f("https://other.example.org")"#,
            r#"x("http://other");const u={BASE_URL:"/"}.VUE_APP_API_URL||"https://prod.example.org",c=n.Z.create({baseURL:u})"#,
            r#"const l={url:o,baseURL:s};const c=create({baseURL:"https://prod.example.org",timeout:1})"#,
            "const API = 'https://prod.example.org';\naxios.create({\n  baseURL: API,\n})",
            // A bundle for development.
            r#"eval("const API = \"https://prod.example.org\";\naxios.create({\n  baseURL: API,\n})")"#,
        ] {
            assert_eq!(base_url(script), Some(prod), "{script}");
        }
        for script in [
            "",
            "baseURL",
            r#"const l={url:"https://prod.example.org",baseURL:s}"#,
            "create({baseURL:location.origin})",
        ] {
            assert_eq!(base_url(script), None, "{script}");
        }
    }

    #[test]
    fn an_address_is_compared_as_a_whole() {
        let check = |literal: &str| {
            let build = FrontendBuild {
                directory: "dist".into(),
                page: String::new(),
                scripts: vec![
                    "other()".into(),
                    format!("const u={literal},c=a.create({{baseURL:u}})"),
                ],
            };
            build.check("http://localhost:8000")
        };
        for same in [
            r#""http://localhost:8000""#,
            r#""http://localhost:8000/""#,
            "'http://localhost:8000'",
            "`http://localhost:8000`",
        ] {
            assert!(check(same).is_ok(), "{same}");
        }
        for other in [
            "http://localhost:80001",
            "http://localhost:8000.example.org",
            "http://localhost:8000/api",
            "https://localhost:8000",
            "http://127.0.0.1:8000",
        ] {
            let failure = check(&format!("\"{other}\"")).unwrap_err().to_string();
            assert!(failure.contains(&format!("at {other},")), "{failure}");
            assert!(failure.contains("VUE_APP_API_URL=http://localhost:8000"));
        }
        let port = "or give --user-api-port 9000";
        let failure = |literal| check(literal).unwrap_err().to_string();
        assert!(failure(r#""http://localhost:9000""#).ends_with(port));
        assert!(failure(r#""http://localhost:9000/""#).ends_with(port));
        assert!(!failure(r#""https://localhost:9000""#).contains("--user-api-port"));
        assert!(!failure(r#""http://example.org:9000""#).contains("--user-api-port"));
        assert!(failure("u").contains("names no UserAPI"));
    }

    #[test]
    fn scripts_of_the_own_origin_are_found() {
        let html = r#"<script defer="defer" src="/js/a.js?b#c"></script><script>x</script>
            <script type=module src='js/b.js'></script><script src=c.js async></script>
            <script src="https://example.org/d.js"></script><script src="//example.org/e.js">"#;
        let files: Vec<_> = script_sources(html).map(file).collect();
        assert_eq!(files, ["js/a.js", "js/b.js", "c.js"]);
    }
}
