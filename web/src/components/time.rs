//! A time, as people say it; the exact one for whoever points at it.

use leptos::prelude::*;

use crate::format;

/// `2 h ago`.
#[component]
pub fn Time(
    /// Milliseconds since 1970.
    at: u64,
) -> impl IntoView {
    view! { <time title=format::moment(at)>{format::ago(format::now(), at)}</time> }
}
