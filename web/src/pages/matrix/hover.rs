//! The trace of the cell that the mouse rests on, beside it. Keys have `t` for it.

use gloo_timers::future::TimeoutFuture;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

use super::grid::{At, Grid, at_of};
use crate::components::palette::dialog_open;
use crate::components::trace::traced;
use crate::element::el;
use crate::erased::{effect, lazy, on_window, spawn};
use crate::format::pixels;
use crate::parts::{nothing, p, text};

/// How long the mouse rests before a trace comes, in milliseconds.
const REST: u32 = 500;
/// How long a trace stays after the mouse has left, so that it can be reached.
const LINGER: u32 = 250;
/// As wide as `.hover-trace` may be, in pixels.
const WIDTH: f64 = 420.0;

/// A cell, and where its trace is shown.
#[derive(Clone, PartialEq)]
pub struct Hover {
    at: At,
    left: String,
    top: String,
    bottom: String,
}

impl Grid {
    /// The mouse is over something in the frame of the table, or has left it.
    pub fn point(self, event: &PointerEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let target =
            target.filter(|_| event.pointer_type() == "mouse" && event.type_() != "pointerleave");
        let closest = |selector| target.as_ref()?.closest(selector).ok().flatten();
        let number = self.moves.get_value().wrapping_add(1);
        self.moves.set_value(number);
        if closest(".hover-trace").is_some() {
            return;
        }
        let next = closest("button.cell").and_then(|cell| beside(&cell));
        if next.as_ref().map(|it| &it.at) == self.hover.get_untracked().as_ref().map(|it| &it.at) {
            return;
        }
        spawn(async move {
            TimeoutFuture::new(if next.is_some() { REST } else { LINGER }).await;
            if self.moves.try_get_value() == Some(number) {
                let _ = self.hover.try_set(next.filter(|_| !dialog_open()));
            }
        });
    }

    /// Takes the trace away with the next key, press or turn of the wheel.
    pub fn end_hover(self) {
        let end = move || {
            self.moves.update_value(|number| *number = number.wrapping_add(1));
            if self.hover.with_untracked(Option::is_some) {
                self.hover.set(None);
            }
        };
        let handles = ["keydown", "pointerdown", "wheel"]
            .map(|name| on_window(name, move |_: web_sys::Event| end()));
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    }
}

/// Below the cell, or above it where there is more room.
fn beside(cell: &Element) -> Option<Hover> {
    let length = |it: Result<wasm_bindgen::JsValue, _>| it.ok()?.as_f64();
    let (width, height) = (length(window().inner_width())?, length(window().inner_height())?);
    let place = cell.get_bounding_client_rect();
    let auto = || "auto".to_owned();
    let (top, bottom) = if place.bottom() < height / 2.0 {
        (pixels(place.bottom() + 4.0), auto())
    } else {
        (auto(), pixels(height - place.top() + 4.0))
    };
    let left = pixels(place.left().min(width - WIDTH - 8.0).max(8.0));
    Some(Hover { at: at_of(cell)?, left, top, bottom })
}

/// The trace, while there is one.
pub fn hover(grid: Grid) -> AnyView {
    lazy(move || {
        let Some(Hover { at, left, top, bottom }) = grid.hover.get() else {
            return nothing();
        };
        let Some(cell) = grid.cell_at(&at) else { return nothing() };
        let node = NodeRef::<html::Div>::new();
        effect(move || {
            if let Some(element) = node.get().filter(|it| it.is_connected()) {
                let _ = element.show_popover();
            }
        });
        el("div")
            .node(node)
            .class("hover-trace")
            .is("popover", "manual")
            .is("aria-hidden", "true")
            .style("left", move || left.clone())
            .style("top", move || top.clone())
            .style("bottom", move || bottom.clone())
            .put(p("mono strong", vec![text(at.line.key.clone())]))
            .put(traced(cell.scope, at.line.key))
            .any()
    })
}
