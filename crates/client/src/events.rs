//! News of the log: server-sent events, one line for each new head.

use subrosa_wire::log::Head;

use crate::patience;
use crate::platform::{Chunks, Host};

/// New heads as the server tells them. A claim: what counts is what the log then shows.
pub struct Heads<C> {
    chunks: C,
    buffer: Vec<u8>,
}

/// A line that is longer is not one of ours.
const MAX_LINE: usize = 4 << 10;

impl<C: Chunks> Heads<C> {
    pub(crate) fn new(chunks: C) -> Self {
        Heads { chunks, buffer: Vec::new() }
    }

    /// The next head; `None` when the stream has ended, or is silent for longer than a server that
    /// can be reached is.
    pub async fn next(&mut self, host: &impl Host) -> Option<Head> {
        loop {
            while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                if let Some(head) = head(&line) {
                    return Some(head);
                }
            }
            if self.buffer.len() > MAX_LINE {
                return None;
            }
            let chunk = patience::sign_of_life(host, self.chunks.next()).await?;
            self.buffer.extend_from_slice(&chunk);
        }
    }
}

fn head(line: &[u8]) -> Option<Head> {
    let line = core::str::from_utf8(line).ok()?.trim_end();
    let (seq, hash) = line.strip_prefix("data:")?.trim_start().split_once(' ')?;
    Some(Head { seq: seq.parse().ok()?, hash: hash.parse().ok()? })
}
