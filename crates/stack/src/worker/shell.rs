//! The shell commands of applications, as far as they go: `find` and `ls` in `$(…)`, `mkdir`, `cp`, and
//! a program at the end.

use super::workspace::{Search, Workspace};

/// The call of the program at the end of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    arguments: Vec<Argument>,
    /// The file that gets its output.
    pub(super) log: Option<String>,
}

/// An argument such as `--key=value`.
#[derive(Debug, PartialEq, Eq)]
struct Argument {
    name: String,
    value: String,
    /// The value as it is written in the command.
    written: String,
}

impl Call {
    /// The value of the argument `name`, and how the command writes it; empty without it.
    pub(super) fn argument(&self, name: &str) -> (&str, &str) {
        let found = self.arguments.iter().find(|argument| argument.name == name);
        found.map_or(("", ""), |found| (&found.value, &found.written))
    }
}

/// Runs `command` up to its last program, whose call is returned. The error is what the shell prints.
pub(super) fn run(command: &str, files: &mut Workspace) -> Result<Call, String> {
    let words = words(command);
    let mut commands: Vec<_> = words.split(|word| word == "&&").collect();
    let last = commands.pop().unwrap_or_default();
    for words in commands {
        let words: Vec<_> = words
            .iter()
            .map(|word| value(word, files))
            .collect::<Result<_, _>>()?;
        prepare(&words, files)?;
    }
    let (words, log) = match last {
        [words @ .., redirection, file] if redirection == ">" => (words, Some(file.clone())),
        words => (words, None),
    };
    let mut arguments = Vec::new();
    for word in words {
        if let Some((name, written)) = word.split_once('=') {
            arguments.push(Argument {
                name: name.to_owned(),
                value: value(written, files)?,
                written: written.to_owned(),
            });
        }
    }
    Ok(Call { arguments, log })
}

/// One command before the last. A program there prepares something outside of `/files`.
fn prepare(words: &[String], files: &mut Workspace) -> Result<(), String> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["mkdir", path] if files.is_directory(path) => {
            return Err(format!(
                "mkdir: cannot create directory '{path}': File exists"
            ));
        }
        ["mkdir", path] | ["mkdir", "-p", path] => files.add_directory(path),
        ["cp", "-r", from, to] => copy(from, to, files)?,
        _ => {}
    }
    Ok(())
}

/// `cp -r DIRECTORY/* TARGET`
fn copy(from: &str, to: &str, files: &mut Workspace) -> Result<(), String> {
    let directory = from.trim_end_matches("/*");
    let copied: Vec<_> = files
        .files_below(directory)
        .map(|(path, beginning)| (path[directory.len()..].to_owned(), beginning.to_vec()))
        .collect();
    if copied.is_empty() {
        return Err(format!(
            "cp: cannot stat '{from}': No such file or directory"
        ));
    }
    for (below, beginning) in copied {
        files.add_file(&format!("{to}{below}"), beginning);
    }
    Ok(())
}

/// The words of a command. White space in `$(…)` and in quotes separates none.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            _ if c.is_whitespace() && depth == 0 => {
                words.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A word with what its `$(…)` print, and without its quotes.
fn value(word: &str, files: &Workspace) -> Result<String, String> {
    let Some((before, rest)) = word.split_once("$(") else {
        return Ok(unquoted(word));
    };
    let Some((script, after)) = rest.rsplit_once(')') else {
        return Err(format!(
            "sh: 1: Syntax error: end of file unexpected in {word}"
        ));
    };
    let printed = printed(script, files)?;
    Ok(format!("{}{printed}{}", unquoted(before), unquoted(after)))
}

fn unquoted(word: &str) -> String {
    word.replace(['\'', '"'], "")
}

/// What a script such as `find /files/data -name '*.mat' | head -n 1` prints.
fn printed(script: &str, files: &Workspace) -> Result<String, String> {
    let (script, alternative) = match script.split_once("||") {
        Some((script, alternative)) => (script, Some(alternative.trim())),
        None => (script, None),
    };
    let unknown = |what: &str| format!("sh: 1: the embedded worker does not know: {what}");
    let mut pipeline = script.split('|').map(str::trim);
    let first = pipeline.next().unwrap_or_default();
    let mut lines = listed(first, files).ok_or_else(|| unknown(first))?;
    let mut fails = false;
    for filter in pipeline {
        match filter.split_whitespace().collect::<Vec<_>>()[..] {
            ["head", "-n", count] => {
                lines.truncate(count.parse().map_err(|_| unknown(filter))?);
            }
            ["grep", "."] => fails = lines.is_empty(),
            _ => return Err(unknown(filter)),
        }
    }
    match alternative {
        Some(alternative) if fails => match alternative.split_once(' ') {
            Some(("echo", text)) => Ok(text.to_owned()),
            _ => Err(unknown(alternative)),
        },
        _ => Ok(lines.join(" ")),
    }
}

/// The lines of `find` or `ls`; `None` for any other command.
fn listed<'w>(command: &str, files: &'w Workspace) -> Option<Vec<&'w str>> {
    let words = words(command);
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match &words[..] {
        ["find", start, options @ ..] => {
            let mut search = Search::default();
            let (pairs, rest) = options.as_chunks::<2>();
            for [option, value] in pairs {
                match *option {
                    "-name" => search.name = Some(value.trim_matches(['\'', '"'])),
                    "-type" if *value == "d" => search.directories = true,
                    "-maxdepth" => search.depth = Some(value.parse().ok()?),
                    _ => return None,
                }
            }
            rest.is_empty().then(|| files.find(start, &search))
        }
        ["ls", patterns @ ..] => {
            let patterns = patterns.iter().filter(|word| !word.starts_with("2>"));
            Some(patterns.flat_map(|pattern| files.glob(pattern)).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Workspace {
        let mut files = Workspace::default();
        for path in paths {
            files.add_file(path, path.as_bytes().to_vec());
        }
        files
    }

    /// The command prints this, as `sh` does in a directory with the same files.
    #[track_caller]
    fn prints(paths: &[&str], script: &str, expected: &str) {
        assert_eq!(
            printed(script, &files(paths)).as_deref(),
            Ok(expected),
            "{script}"
        );
    }

    #[test]
    fn searches_find_what_the_shell_finds() {
        let files = [
            "/files/data/b.mat",
            "/files/data/sub/a.mat",
            "/files/data/c.tif",
            "/files/data.mat",
        ];
        prints(
            &files,
            "find /files/data -name '*.mat'",
            "/files/data/b.mat /files/data/sub/a.mat",
        );
        prints(
            &files,
            "find /files/data -name '*.mat' | head -n 1",
            "/files/data/b.mat",
        );
        prints(
            &files,
            "find /files/data -name '*.tif*' | head -n 1",
            "/files/data/c.tif",
        );
        prints(&files, "find /files/none -name '*' | head -n 1", "");
        prints(
            &files,
            "find /files/data -type d -maxdepth 1",
            "/files/data /files/data/sub",
        );
        prints(
            &files,
            "find /files/data/sub -type d -maxdepth 1 | head -n 1",
            "/files/data/sub",
        );
        prints(
            &files,
            "ls /files/data/*.csv /files/data/*.mat 2>/dev/null | head -n 1",
            "/files/data/b.mat",
        );
        prints(&files, "ls /files/data/*.csv 2>/dev/null", "");
        let or_null = "find /files/data -name '*_trafo.mat' | head -n 1 | grep . || echo null";
        prints(&files, or_null, "null");
        prints(
            &["/files/data/x_trafo.mat"],
            or_null,
            "/files/data/x_trafo.mat",
        );
    }

    #[test]
    fn commands_run_one_after_the_other_until_one_fails() {
        let mut workspace = files(&["/files/config_tmp/a.yaml"]);
        let command = "mkdir /files/config && python -m x /files/config && \
                       cp -r /files/config_tmp/* /files/config && python -m train --out=/files/model \
                       conf=$(find /files/config -name '*.yaml' | head -n 1)  > /files/log/log.log";
        let call = run(command, &mut workspace).unwrap();
        assert_eq!(call.argument("--out"), ("/files/model", "/files/model"));
        assert_eq!(call.argument("conf").0, "/files/config/a.yaml");
        assert_eq!(call.argument("none"), ("", ""));
        assert_eq!(call.log.as_deref(), Some("/files/log/log.log"));
        assert_eq!(
            run(command, &mut workspace).unwrap_err(),
            "mkdir: cannot create directory '/files/config': File exists"
        );
        assert_eq!(
            run(command, &mut files(&[])).unwrap_err(),
            "cp: cannot stat '/files/config_tmp/*': No such file or directory"
        );
    }

    #[test]
    fn what_is_not_known_is_named() {
        for (script, unknown) in [
            ("cat /etc/passwd", "cat /etc/passwd"),
            ("find /files -newer x", "find /files -newer x"),
            ("find /files | sort", "sort"),
            ("find /files/none | grep . || exit 1", "exit 1"),
        ] {
            let error = printed(script, &files(&[])).unwrap_err();
            assert!(
                error.ends_with(&format!("does not know: {unknown}")),
                "{error}"
            );
        }
        assert!(
            run("x --a=$(find", &mut files(&[]))
                .unwrap_err()
                .contains("Syntax error")
        );
    }
}
