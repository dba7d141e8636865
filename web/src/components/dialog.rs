//! A modal dialog on the native element: focus is kept inside by the browser, and returns to the
//! opener when it closes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use crate::components::unique;
use crate::erased::{click, effect};
use crate::icons;

/// A dialog that is open as long as it is in the page. Whoever shows it takes it away when
/// `on_close` is called (by `Esc` or its button). `class` is `narrow`, `wide`, `drawer` or `palette`.
#[component]
pub fn Dialog(
    /// Its heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// How it looks.
    #[prop(default = "narrow")]
    class: &'static str,
    /// Whether the heading and the close button are seen.
    #[prop(default = true)]
    headed: bool,
    /// Somebody wants it away.
    on_close: Callback<()>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let id = unique("dialog");
    let (heading, named_by) = (format!("{id}-title"), format!("{id}-title"));
    effect(move || {
        if let Some(dialog) = node.get()
            && dialog.is_connected()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    // Only close() gives the focus back; an element that is just removed takes it along.
    on_cleanup({
        let id = id.clone();
        move || {
            if let Some(dialog) = document().get_element_by_id(&id) {
                dialog.unchecked_into::<HtmlDialogElement>().close();
            }
        }
    });
    view! {
        <dialog
            node_ref=node
            id=id
            class=format!("dialog {class}")
            aria-labelledby=named_by
            on:cancel=move |event: web_sys::Event| {
                event.prevent_default();
                on_close.run(());
            }
        >
            <div class="dialog-head" class:unseen=!headed>
                <h2 id=heading>{title}</h2>
                {headed.then(|| view! {
                    <button
                        type="button"
                        class="button ghost"
                        aria-label="Close"
                        on:click=click(move || on_close.run(()))
                    >
                        <icons::Cross />
                    </button>
                })}
            </div>
            {children()}
        </dialog>
    }
}
