//! A time, as people say it; the exact one for whoever points at it.

use crate::element::{El, el};
use crate::format;

/// `2 h ago`, of milliseconds since 1970.
pub fn time(at: u64) -> El {
    el("time").is("title", format::moment(at)).put(format::ago(format::now(), at))
}
