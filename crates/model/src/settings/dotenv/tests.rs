use super::*;

#[track_caller]
fn value(text: &str) -> String {
    let pairs = parse(text).unwrap();
    assert_eq!(pairs.len(), 1, "{pairs:?}");
    assert_eq!(pairs[0].0, "KEY");
    pairs[0].1.clone()
}

#[test]
fn bare_values_are_trimmed_and_lose_their_comment() {
    assert_eq!(value("KEY=value"), "value");
    assert_eq!(value("KEY =  two words \t # a comment"), "two words");
    assert_eq!(value("KEY=a#b"), "a#b");
    assert_eq!(value("KEY=a=b=="), "a=b==");
    assert_eq!(value("KEY=#no comment #comment"), "#no comment");
    assert_eq!(value("KEY= #all comment"), "");
    assert_eq!(value("KEY="), "");
    assert_eq!(value("KEY=p$w'r\"d"), "p$w'r\"d");
}

#[test]
fn quoted_values_keep_what_is_between_the_quotes() {
    assert_eq!(value("KEY=' a # b '"), " a # b ");
    assert_eq!(value(r"KEY='it\'s \n\\'"), r"it's \n\");
    assert_eq!(
        value(r#"KEY="a\tb\n\"c\" \$ \\" # comment"#),
        "a\tb\n\"c\" \\$ \\"
    );
    assert_eq!(value("KEY=\"two\nlines\""), "two\nlines");
}

#[test]
fn keys_may_be_exported_and_lines_may_end_in_any_way() {
    assert_eq!(value("\u{feff}export KEY=1"), "1");
    assert_eq!(value("  export\tKEY = 1"), "1");
    assert_eq!(
        parse("A=1\r\n# comment\r\n\r\nB='2'\r\nexported=3\nC=4").unwrap(),
        [("A", "1"), ("B", "2"), ("exported", "3"), ("C", "4")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
    );
}

#[test]
fn trouble_is_told_with_its_line_and_without_the_value() {
    let error = |text| parse(text).unwrap_err().to_string();
    assert_eq!(error("A=1\nno sense"), "line 2: expected KEY=value");
    assert_eq!(error("=1"), "line 1: expected KEY=value");
    assert_eq!(
        error("A='\nx'\nB=\"open"),
        "line 3: the quoted value is not closed"
    );
    assert_eq!(
        error("A='x' y"),
        "line 1: expected nothing after the closing quote"
    );
}

#[test]
fn notes_name_line_and_key_and_never_the_value() {
    let notes = |text| {
        let notes = read(text).unwrap().notes;
        notes.iter().map(Note::to_string).collect::<Vec<_>>()
    };
    assert_eq!(notes("A=1\nB='x\ny'\nC=#z\nD=#e #f"), [""; 0]);
    assert_eq!(
        notes("A=1\nB='x\ny'\nEMAIL= #hunter2\nPASSWORD=hunter$one\nPASSWORD=hunter$two\nKEY"),
        [
            "line 4: EMAIL: python-dotenv and Docker Compose read this line differently; here it is \
             read as python-dotenv does",
            "line 6: PASSWORD: Docker Compose takes what is behind the $ for a variable, \
             python-dotenv does not; here the value is taken as it stands, as both take it in single \
             quotes",
            "line 7: KEY: there is no = behind it, so it sets nothing",
        ]
    );
}

#[test]
fn no_input_makes_it_panic() {
    for text in [
        "\\",
        "A=\"\\",
        "A='",
        "é=1",
        "A=é#",
        "export",
        "export =",
        "\r",
        "A=\"\\é\"",
    ] {
        let _ = parse(text);
    }
}

/// Every text of up to `length` of the characters that mean something to a reader.
fn texts(length: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut start = 0;
    for _ in 0..length {
        let end = texts.len();
        for at in start..end {
            for c in ['\'', '"', '\\', '\n', '\r', '#', ' ', '=', '$', 'n', 'é'] {
                let text = format!("{}{c}", texts[at]);
                texts.push(text);
            }
        }
        start = end;
    }
    texts
}

#[test]
fn what_is_written_is_read_again() {
    for text in texts(4) {
        let written = write([("KEY", text.as_str()), ("LAST", "1")]);
        let read = parse(&written).unwrap();
        assert_eq!(
            read,
            [("KEY".into(), text), ("LAST".into(), "1".into())],
            "{written:?}"
        );
    }
}
