//! Where one is, from above.

use leptos::prelude::*;

use crate::icons;

/// A trail of links; the last part is the page itself.
#[component]
pub fn Breadcrumb(
    /// Name and address of each part above.
    parts: Vec<(String, String)>,
    /// The page itself.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                {parts.into_iter().map(|(name, path)| view! {
                    <li>
                        <a href=path>{name}</a>
                        <icons::Chevron />
                    </li>
                }).collect_view()}
                <li aria-current="page">{here}</li>
            </ol>
        </nav>
    }
}
