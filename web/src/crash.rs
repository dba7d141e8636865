//! A panic ends the worker, then shows a screen that needs no program.

use std::panic::PanicHookInfo;

use wasm_bindgen::JsValue;

use crate::keyholder::end_worker;

/// Installs the hook. The message is not printed: it might quote what was being worked on.
pub fn install() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        end_worker();
        if let Some(place) = info.location() {
            let place = format!("The console broke at {}:{}", place.file(), place.line());
            log(&JsValue::from_str(&place));
        }
        show();
    }));
}

fn show() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if let Some(root) = document.document_element() {
        let _ = root.class_list().add_1("crashed");
    }
    if let Some(screen) = document.get_element_by_id("crash") {
        let _ = screen.remove_attribute("hidden");
    }
}

#[cfg(target_arch = "wasm32")]
fn log(line: &JsValue) {
    leptos::web_sys::console::error_1(line);
}

#[cfg(not(target_arch = "wasm32"))]
fn log(_: &JsValue) {}
