//! A modal dialog on the native element: focus is kept inside by the browser, and returns to the
//! opener when it closes.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use crate::components::unique;
use crate::element::el;
use crate::erased::effect;
use crate::icons;
use crate::parts::{live, press};

/// A dialog that is open as long as it is in the page. Whoever shows it takes it away when
/// `on_close` is called (by `Esc` or its button). `class` is `narrow`, `wide`, `drawer` or
/// `palette`; of the last, heading and button are not seen.
pub fn dialog(
    title: impl Into<Signal<String>>,
    class: &'static str,
    on_close: Callback<()>,
    inside: Vec<AnyView>,
) -> AnyView {
    let title: Signal<String> = title.into();
    let headed = class != "palette";
    let node = NodeRef::<html::Dialog>::new();
    let id = unique("dialog");
    let heading = format!("{id}-title");
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
    let close = headed.then(|| {
        press("button ghost", move || on_close.run(()))
            .is("aria-label", "Close")
            .put(icons::Cross())
    });
    let head = el("div")
        .class(if headed { "dialog-head" } else { "dialog-head unseen" })
        .put(el("h2").is("id", heading.clone()).put(live(move || title.get())))
        .put(close);
    el("dialog")
        .node(node)
        .is("id", id)
        .class(format!("dialog {class}"))
        .is("aria-labelledby", heading)
        .on("cancel", move |event| {
            event.prevent_default();
            on_close.run(());
        })
        .put(head)
        .put(inside)
        .any()
}
