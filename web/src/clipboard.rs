//! Copying, and clearing what was copied; saving a text as a file.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use subrosa_bridge::Hidden;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::erased::{on_window, spawn};
use crate::session::Session;

/// How long a copied value stays.
const SECONDS: u32 = 30;

thread_local! {
    /// Counts copies: only the last one clears the clipboard.
    static COPIES: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Copies a secret text and clears the clipboard after a while; `what` names it in the toast.
pub fn copy_secret(session: Session, text: Hidden, what: String) {
    spawn(async move {
        if !write(text.expose()).await {
            session
                .toasts
                .say(format!("This browser does not let {what} be copied. Reveal it instead."));
            return;
        }
        session
            .toasts
            .say(format!("Copied {what}. The clipboard is cleared in {SECONDS} seconds."));
        let mine = COPIES.with(|copies| {
            copies.set(copies.get().wrapping_add(1));
            copies.get()
        });
        TimeoutFuture::new(SECONDS * 1000).await;
        clear(mine).await;
    });
}

/// Copies what is no secret.
pub fn copy_plain(session: Session, text: String, what: &'static str) {
    spawn(async move {
        if write(&text).await {
            session.toasts.say(format!("Copied {what}."));
        } else {
            session.toasts.say(format!("This browser does not let {what} be copied."));
        }
    });
}

/// A page may write to the clipboard only while it has the focus: if it has not, the clearing
/// waits for it to come back.
async fn clear(mine: u32) {
    if COPIES.get() != mine || write("").await {
        return;
    }
    let handle = StoredValue::new_local(None::<WindowListenerHandle>);
    let listener = on_window("focus", move |_: web_sys::Event| {
        if let Some(Some(listener)) = handle.try_update_value(Option::take) {
            listener.remove();
        }
        spawn(async move {
            if COPIES.get() == mine {
                let _ = write("").await;
            }
        });
    });
    handle.set_value(Some(listener));
}

async fn write(text: &str) -> bool {
    let navigator = window().navigator();
    // Absent where the page is not served in a secure context.
    let there = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
        .is_ok_and(|clipboard| clipboard.is_object());
    there && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// Offers a text as a file called `name`. Says whether that worked.
pub fn save_file(name: &str, text: &str) -> bool {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    try_save(name, &parts, "text/plain").is_ok()
}

/// Offers bytes as a file called `name`.
pub fn save_bytes(name: &str, bytes: &[u8]) {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    let _ = try_save(name, &parts, "application/octet-stream");
}

fn try_save(name: &str, parts: &js_sys::Array, kind: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_blob_sequence_and_options(parts, &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    // The browser has taken hold of the blob by now; the address must not outlive the page's need.
    spawn(async move {
        TimeoutFuture::new(10_000).await;
        let _ = Url::revoke_object_url(&address);
    });
    Ok(())
}
