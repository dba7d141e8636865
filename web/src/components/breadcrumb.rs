//! Where one is, from above.

use leptos::prelude::*;

use crate::element::el;
use crate::icons;
use crate::parts::link;

/// A trail of links, by name and address; the last part is the page itself.
pub fn breadcrumb(parts: Vec<(String, String)>, here: String) -> AnyView {
    let above = |(name, path): (String, String)| {
        el("li").put(link("", path).put(name)).put(icons::Chevron())
    };
    let above: Vec<_> = parts.into_iter().map(above).collect();
    let trail = el("ol").put(above).put(el("li").is("aria-current", "page").put(here));
    el("nav").class("breadcrumb").is("aria-label", "Breadcrumb").put(trail).any()
}
