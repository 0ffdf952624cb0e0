//! A directory as one zip file.

use std::{io, path::Path};

use tokio::{runtime::Handle, task::spawn_blocking};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{file_system::UserFiles, path::UserPath};

/// Packs all files below a directory into a file in `scratch` that has no name and is removed
/// with its handle. It is ready to be read from its beginning.
pub(crate) async fn pack(
    files: UserFiles,
    directory: &UserPath,
    scratch: &Path,
) -> io::Result<tokio::fs::File> {
    let members = files.files_below(directory)?;
    let depth = directory.parts().len();
    let archive = tempfile::tempfile_in(scratch)?;
    let runtime = Handle::current();
    let archive = spawn_blocking(move || {
        let mut archive = ZipWriter::new(archive);
        for member in members {
            // A file that was deleted since the directory was listed is left out.
            let Some(file) = runtime.block_on(files.open(&member))? else {
                continue;
            };
            let mut file = runtime.block_on(file.into_std());
            let large = file.metadata()?.len() > u64::from(u32::MAX);
            let options = SimpleFileOptions::default().large_file(large);
            archive.start_file(member.parts()[depth..].join("/"), options)?;
            io::copy(&mut file, &mut archive)?;
        }
        let mut archive = archive.finish()?;
        io::Seek::rewind(&mut archive)?;
        io::Result::Ok(archive)
    })
    .await
    .map_err(io::Error::other)??;
    Ok(tokio::fs::File::from_std(archive))
}
