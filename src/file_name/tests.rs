use super::*;

#[test]
fn names_that_look_alike_are_told_apart() {
    for (sent, shown, expected) in [
        ("Größe", "Größe", None),
        ("one", "two", None),
        (
            "Gr\u{f6}\u{df}e",
            "Gro\u{308}\u{df}e",
            Some(
                "the same letters in another Unicode form, NFC was sent and NFD came back (sent U+00F6, \
                 shown U+006F U+0308)",
            ),
        ),
        (
            "A\u{30a}.txt",
            "\u{c5}.txt",
            Some(
                "the same letters in another Unicode form, NFD was sent and NFC came back (sent U+0041 \
                 U+030A, shown U+00C5)",
            ),
        ),
        (
            "a\u{a0}b",
            "a b",
            Some("it differs in invisible characters (sent U+00A0, shown U+0020)"),
        ),
        (
            "ab",
            "a\u{200b}b",
            Some("it differs in invisible characters (sent nothing, shown U+200B)"),
        ),
        (
            "a ",
            "a",
            Some("it differs in invisible characters (sent U+0020, shown nothing)"),
        ),
        ("Name", "name", Some("it differs in upper and lower case")),
        ("a ö#", "a%20%C3%B6%23", Some("it is percent-encoded")),
        ("a%41", "aA", None),
        (
            "1+1=2",
            "1 1=2",
            Some("its plus signs became spaces, as in the text of a form"),
        ),
        (
            "Größe",
            "GrÃ¶Ã\u{9f}e",
            Some("its UTF-8 was read as Latin-1"),
        ),
        (
            "Größe",
            "Gr\u{fffd}\u{fffd}e",
            Some("letters beyond ASCII are lost, so the answer is not in UTF-8"),
        ),
        ("Größe", "Gr\u{fffd}b", None),
    ] {
        assert_eq!(
            difference(sent, shown).as_deref(),
            expected,
            "{sent:?} {shown:?}"
        );
    }
    let shown = ["data/a", "data/B"].into_iter();
    assert_eq!(
        look_alike("data/b", shown).unwrap(),
        "data/B: it differs in upper and lower case"
    );
}

#[test]
fn a_media_type_follows_from_the_last_extension() {
    for (name, expected) in [
        ("notes.txt", "text/plain"),
        ("exp/sub/frames.tif", "image/tiff"),
        ("param.run.yaml", "application/yaml"),
        ("spline_calibration_3dcal.mat", ""),
        ("txt", ""),
    ] {
        assert_eq!(media_type(name), expected, "{name}");
    }
}
