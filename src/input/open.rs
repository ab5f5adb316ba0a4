//! Opening a file by what it holds, not by what it is called.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::fault::Failure;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Text as it is.
    Plain,
    /// gzip, one or several members.
    Gzip,
    /// Zstandard.
    Zstd,
    /// Apache Parquet.
    Parquet,
}

/// Tells the packing by the first bytes.
///
/// # Errors
/// When the file can't be read, or is empty.
pub fn packing_of(path: &Path) -> Result<Packing, Failure> {
    let mut file = File::open(path).map_err(|e| Failure::io("open", path, &e))?;
    if path.is_dir() {
        return Err(Failure::new(format!("{}: a folder where a file is needed", path.display()))
            .hint("name the files in it, each with its own flag"));
    }
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(Failure::new(format!("{}: not a regular file", path.display()))
            .hint("inputs are read more than once: write a pipe's output to a file first"));
    }
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic).map_err(|e| Failure::io("read", path, &e))?;
    Ok(match magic.as_slice() {
        [] => return Err(empty(path)),
        [0x1f, 0x8b, ..] => Packing::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
        b"PAR1" => Packing::Parquet,
        _ => Packing::Plain,
    })
}

/// The failure of a file with nothing in it.
pub fn empty(path: &Path) -> Failure {
    Failure::new(format!("{}: the file is empty", path.display()))
        .hint("check that the scan or the export that writes it has finished")
}

/// The unpacked text of a file.
pub(super) fn text(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    let packing = packing_of(path)?;
    let file = BufReader::with_capacity(1 << 17, File::open(path).map_err(|e| Failure::io("open", path, &e))?);
    Ok(match packing {
        Packing::Plain => Box::new(file),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        Packing::Zstd => {
            Box::new(zstd::stream::read::Decoder::with_buffer(file).map_err(|e| Failure::io("read", path, &e))?)
        }
        Packing::Parquet => {
            return Err(Failure::new(format!("{}: a Parquet file where text lines are expected", path.display()))
                .hint("scanner output is JSON lines; observations in Parquet need the columns domain, kind, value, observed_at"));
        }
    })
}

/// SHA-256 of the file's bytes, in hexadecimal.
///
/// # Errors
/// When the file can't be read.
pub fn sha256(path: &Path) -> Result<String, Failure> {
    let mut file = File::open(path).map_err(|e| Failure::io("open", path, &e))?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 17];
    loop {
        match file.read(&mut block).map_err(|e| Failure::io("read", path, &e))? {
            0 => break,
            n => hash.update(&block[..n]),
        }
    }
    Ok(hexadecimal(hash))
}

/// SHA-256 of these bytes, in hexadecimal.
pub fn sha256_of(bytes: &[u8]) -> String {
    hexadecimal(Sha256::new_with_prefix(bytes))
}

/// A finished hash as text.
pub fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
