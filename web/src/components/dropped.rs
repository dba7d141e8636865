//! Texts that are dropped on the page, or chosen as a file.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, HtmlInputElement};

use crate::components::palette::in_editable;
use crate::element::{El, el};
use crate::erased::{on_window, spawn};

/// Takes what is dropped anywhere on the page while the caller is shown. True while something
/// hovers over it.
pub fn on_page(take: Callback<String>) -> RwSignal<bool> {
    let over = RwSignal::new(false);
    // What is dragged within the page is none of ours, nor text that is dropped where text is typed.
    let within = StoredValue::new(false);
    let ours = move |event: &DragEvent| {
        let files =
            event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0));
        files || !(within.get_value() || in_editable(event))
    };
    let handles = [
        on_window("dragstart", move |_: DragEvent| within.set_value(true)),
        on_window("dragend", move |_: DragEvent| within.set_value(false)),
        on_window("dragover", move |event: DragEvent| {
            if ours(&event) {
                event.prevent_default();
                over.set(true);
            }
        }),
        on_window("dragleave", move |event: DragEvent| {
            if event.related_target().is_none() {
                over.set(false);
            }
        }),
        on_window("drop", move |event: DragEvent| {
            over.set(false);
            if ours(&event) {
                event.prevent_default();
                take_drop(&event, take);
            }
        }),
    ];
    on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    over
}

/// Reads the first file, or else the text, of a drop.
fn take_drop(event: &DragEvent, take: Callback<String>) {
    let Some(data) = event.data_transfer() else { return };
    if let Some(file) = data.files().and_then(|files| files.get(0)) {
        read_file(&file, take);
    } else if let Ok(text) = data.get_data("text/plain")
        && text.contains('=')
    {
        take.run(text);
    }
}

/// Reads a file as text.
pub fn read_file(file: &File, take: Callback<String>) {
    let text = file.text();
    spawn(async move {
        if let Some(text) = JsFuture::from(text).await.ok().and_then(|text| text.as_string()) {
            take.try_run(text);
        }
    });
}

/// A button that a file can be chosen with. Takes the first one.
pub fn file_button(
    class: &'static str,
    words: &'static str,
    mut take: impl FnMut(File) + Send + 'static,
) -> El {
    let input = el("input").class("unseen").is("type", "file").on("change", move |event| {
        let target: HtmlInputElement = event_target(&event);
        if let Some(file) = target.files().and_then(|files| files.get(0)) {
            take(file);
        }
    });
    el("label").class(class).put(words).put(input)
}
