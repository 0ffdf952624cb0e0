//! Unpacks single files of a zip that is not trusted.
//!
//! Names in the zip never become paths: a member is looked up by the name that it should have, and
//! written to a path that does not depend on it.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use zip::{ZipArchive, result::ZipError};

/// The largest file that is unpacked, in bytes.
const LARGEST: u64 = 1 << 30;

/// Writes the member of this name to `to`. An error is the end of a sentence that begins with the zip.
pub(super) fn unpack(zip: &File, member: &str, to: &Path) -> Result<(), String> {
    limited(zip, member, to, LARGEST)
}

fn limited(zip: &File, member: &str, to: &Path, largest: u64) -> Result<(), String> {
    let mut zip = ZipArchive::new(zip).map_err(|error| format!("is not a zip file: {error}"))?;
    let names = zip.file_names().collect::<Vec<_>>().join(", ");
    let entry = zip.by_name(member).map_err(|error| match error {
        ZipError::FileNotFound => format!("holds no {member}, but {}", shortened(&names)),
        other => format!("cannot be read at {member}: {other}"),
    })?;
    if !entry.is_file() || entry.is_symlink() {
        return Err(format!("holds {member}, but as something else than a file"));
    }
    // The size that it declares may be wrong, so no more is read either.
    let mut content = entry.take(largest + 1);
    let copied = File::create(to).and_then(|mut to| io::copy(&mut content, &mut to));
    match copied {
        Ok(size) if size > largest => Err(format!(
            "holds {member}, but larger than {} MiB",
            largest >> 20
        )),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot be unpacked at {member}: {error}")),
    }
}

/// As much of the names as fits into a line.
fn shortened(names: &str) -> String {
    const MOST: usize = 200;
    match names.char_indices().nth(MOST) {
        _ if names.is_empty() => "nothing at all".into(),
        Some((end, _)) => format!("{} …", &names[..end]),
        None => names.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn zip(members: &[(&str, &[u8])]) -> File {
        let mut zip = ZipWriter::new(tempfile::tempfile().unwrap());
        for (name, content) in members {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap()
    }

    fn problem(zip: &File, member: &str) -> String {
        let directory = tempfile::tempdir().unwrap();
        limited(zip, member, &directory.path().join("out"), 1 << 20).unwrap_err()
    }

    #[test]
    fn a_member_is_written_where_it_should_be_and_no_other_anywhere() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let zip = zip(&[("../evil", b"x"), ("/evil", b"x"), ("a/b.yaml", b"content")]);
        unpack(&zip, "a/b.yaml", &inner.join("b.yaml")).unwrap();
        assert_eq!(std::fs::read(inner.join("b.yaml")).unwrap(), b"content");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(std::fs::read_dir(inner).unwrap().count(), 1);
    }

    #[test]
    fn what_is_wrong_with_a_zip_is_said() {
        let mut html = tempfile::tempfile().unwrap();
        html.write_all(b"<!DOCTYPE html>").unwrap();
        assert!(problem(&html, "a").starts_with("is not a zip file"));

        let zip_of_others = zip(&[("a/other", b"x")]);
        assert_eq!(problem(&zip_of_others, "a/b"), "holds no a/b, but a/other");
        assert_eq!(
            problem(&zip(&[]), "a/b"),
            "holds no a/b, but nothing at all"
        );

        // A thousandth of its size when packed.
        let bomb = zip(&[("a/b", &vec![0; 2 << 20])]);
        assert_eq!(problem(&bomb, "a/b"), "holds a/b, but larger than 1 MiB");

        let mut link = ZipWriter::new(tempfile::tempfile().unwrap());
        link.add_symlink("a/b", "/etc/passwd", SimpleFileOptions::default())
            .unwrap();
        let link = link.finish().unwrap();
        assert_eq!(
            problem(&link, "a/b"),
            "holds a/b, but as something else than a file"
        );
    }

    #[test]
    fn a_damaged_member_is_noticed() {
        let mut damaged = ZipWriter::new(tempfile::tempfile().unwrap());
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        damaged.start_file("a/b", stored).unwrap();
        damaged.write_all(&[7; 1000]).unwrap();
        let mut damaged = damaged.finish().unwrap();
        damaged.seek(SeekFrom::Start(500)).unwrap();
        damaged.write_all(&[8]).unwrap();
        let problem = problem(&damaged, "a/b");
        assert!(
            problem.starts_with("cannot be unpacked at a/b: "),
            "{problem}"
        );
    }
}
