use crate::{PathError, Written, read};

#[track_caller]
fn shows(text: &str, path: &str, shown: &str) {
    let document = read(text).unwrap();
    assert_eq!(document.get(path).unwrap().to_string(), shown, "{path}");
}

#[test]
fn keys_are_found_as_they_are_written_and_as_their_values_are() {
    let text = "0x10: {010: {1.50: {yes: {~: a}}}}\n";
    shows(text, "16.8.1.5.true.null", "a");
    shows(text, "0x10.010.1.50.yes.~", "a");
    shows("a.b: 1\na: {c: 2}\n", "a.b", "1");
    shows("a.b: 1\na: {c: 2}\n", "a.c", "2");
    shows("base: &c {x: 1}\nC: {<<: *c}\n", "C.x", "1");
    shows("a: 1\na: 2\n", "a", "2");
    let get = |text: &str, path: &str| read(text).unwrap().get(path).err();
    assert_eq!(get("a: [1]", "a.0"), Some(PathError::Missing));
    assert_eq!(get("a: {b: 1}", "a.c"), Some(PathError::Missing));
    assert_eq!(get("a: &a {b: *a}", "a.b.b.c"), Some(PathError::Missing));
    assert_eq!(get("{0: 1, '0': 2}", "0"), Some(PathError::Ambiguous));
    assert_eq!(
        get("a.b: 1\na: {b: 2}\n", "a.b"),
        Some(PathError::Ambiguous)
    );
}

#[test]
fn values_are_shown_on_one_line() {
    shows(
        "a: {b: [1, x, '2'], c: !!set {d}}",
        "a",
        "{b: [1, x, '2'], c: {d}}",
    );
    shows("a: &a [*a]", "a", &format!("{}…", "[".repeat(200)));
    shows(
        "a: 2001-12-14t21:59:43.10-05:00",
        "a",
        "2001-12-14T21:59:43.1-05:00",
    );
}

#[test]
fn where_a_value_is_written() {
    let text = "a: {b: 'x'}\nc: &c {d: 1, e: |\n  y\n}\nf: {<<: *c}\ng: *c\n";
    let text = text.replace("e: |\n  y\n", "e: [2]");
    let document = read(&text).unwrap();
    let written = |path: &str| document.get(path).unwrap().written();
    assert_eq!(written("a.b"), Written::Here(7..10));
    assert_eq!(written("c.d"), Written::Here(22..23));
    assert_eq!(written("c.e"), Written::NotAlone);
    assert_eq!(written("f.d"), Written::Elsewhere);
    assert_eq!(written("g.d"), Written::Elsewhere);
    assert_eq!(written("g"), Written::NotAlone);
}

#[track_caller]
fn compare(a: &str, b: &str, expected: bool) {
    let (left, right) = (read(a).unwrap(), read(b).unwrap());
    assert_eq!(left.root().same(&right.root()), expected, "{a} {b}");
    assert_eq!(right.root().same(&left.root()), expected, "{b} {a}");
}

#[test]
fn values_are_compared_as_python_reads_them() {
    compare("398.6", "3.986e+2", true);
    compare("398.6", "398.7", false);
    compare("1", "1.0", true);
    compare("010", "8", true);
    compare("1:30", "90", true);
    compare("9007199254740993", "9007199254740992.0", false);
    compare("1e-7", "1.0e-7", false);
    compare("yes", "true", true);
    compare("yes", "1", false);
    compare("~", "", true);
    compare("~", "'~'", false);
    compare("'null'", "null", false);
    compare(".nan", ".NaN", true);
    compare(".inf", "-.inf", false);
    compare("-0.0", "0", true);
    compare("{a: 1, b: [2]}", "{b: [2.0], a: 1}", true);
    compare("{a: 1}", "{a: 1, b: 2}", false);
    compare("[1, 2]", "[2, 1]", false);
    compare("!!set {a, b}", "!!set {b, a}", true);
    compare("!!set {a, b}", "!!set {a, c}", false);
    compare("2020-01-01", "'2020-01-01'", false);
    compare("2020-01-01 01:00:00+01:00", "2020-01-01 00:00:00Z", true);
    compare("2020-01-01 01:00:00", "2020-01-01 01:00:00Z", false);
    compare("!!binary QQ==", "!!binary QQ==", true);
    compare("&a [*a]", "&a [*a]", true);
}

/// Each level doubles what a reader without shared values would have to compare.
#[test]
fn aliases_of_aliases_take_no_time() {
    let mut text = "a0: &a0 [1]\nm0: &m0 {x: 1}\n".to_owned();
    for level in 1..60 {
        let before = level - 1;
        let lines = [
            format!("a{level}: &a{level} [*a{before}, *a{before}]\n"),
            format!("m{level}: &m{level} {{<<: [*m{before}, *m{before}]}}\n"),
        ];
        text.extend(lines);
    }
    compare(&text, &text, true);
    let document = read(&text).unwrap();
    assert_eq!(document.get("m59.x").unwrap().to_string(), "1");
    assert!(document.get("a59").unwrap().to_string().ends_with('…'));
}
