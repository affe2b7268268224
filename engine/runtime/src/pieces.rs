//! A file on the disk, handed on in pieces while it is read.

use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read, Seek};
use tokio::sync::mpsc::Sender;

/// Where the pieces of a file go.
pub(crate) type Pieces = Sender<io::Result<Bytes>>;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// Sends a file from its beginning, until it ends or nobody takes it any more. Blocks.
pub(crate) fn send(mut file: File, pieces: &Pieces) -> io::Result<()> {
    file.rewind()?;
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
        if read == 0 || pieces.blocking_send(Ok(piece.into())).is_err() {
            return Ok(());
        }
    }
}
