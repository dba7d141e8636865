//! Short messages, said aloud by screen readers. Never a value.

use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::element::el;
use crate::erased::{Keyed, keyed, spawn};
use crate::icons;
use crate::parts::section;

/// How long a message stays, in milliseconds; longer where it offers something.
const STAYS: u32 = 6_000;
const STAYS_WITH_ACTION: u32 = 12_000;

/// What a message offers. No callback of the page, which may be gone by then.
pub type Act = Arc<dyn Fn() + Send + Sync>;

/// A message.
#[derive(Clone)]
pub struct Toast {
    id: u32,
    text: String,
    action: Option<(&'static str, Act)>,
}

/// All that are shown.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    last: StoredValue<u32>,
}

impl Toasts {
    /// None yet.
    pub fn new() -> Self {
        Toasts { shown: RwSignal::new(Vec::new()), last: StoredValue::new(0) }
    }

    /// Says something.
    pub fn say(self, text: impl Into<String>) {
        self.push(text.into(), None);
    }

    /// Says something and offers one thing to do about it.
    pub fn offer(self, text: impl Into<String>, label: &'static str, action: Act) {
        self.push(text.into(), Some((label, action)));
    }

    /// Takes all away.
    pub fn clear(self) {
        self.shown.set(Vec::new());
    }

    fn push(self, text: String, action: Option<(&'static str, Act)>) {
        let id = self.last.get_value().wrapping_add(1);
        self.last.set_value(id);
        let stays = if action.is_some() { STAYS_WITH_ACTION } else { STAYS };
        self.shown.update(|shown| {
            // Of the same words one is enough, and more than three nobody reads.
            shown.retain(|toast| toast.text != text);
            shown.push(Toast { id, text, action });
            let surplus = shown.len().saturating_sub(3);
            shown.drain(..surplus);
        });
        spawn(async move {
            TimeoutFuture::new(stays).await;
            self.dismiss(id);
        });
    }

    fn dismiss(self, id: u32) {
        let there = self.shown.with_untracked(|shown| shown.iter().any(|toast| toast.id == id));
        if there {
            self.shown.update(|shown| shown.retain(|toast| toast.id != id));
        }
    }
}

/// Where they appear: always in the page, so that screen readers know the region.
pub fn toast_region(toasts: Toasts) -> AnyView {
    let show = move |toast: Toast| {
        Keyed::new(toast.id.to_string(), move || {
            let action = toast.action.map(|(label, action)| {
                let act = move || {
                    toasts.dismiss(toast.id);
                    action();
                };
                el("button").class("button small").click(act).put(label)
            });
            let dismiss = el("button")
                .class("button ghost small")
                .is("aria-label", "Dismiss message")
                .click(move || toasts.dismiss(toast.id))
                .put(icons::Cross());
            el("div").class("toast").put(el("p").put(toast.text)).put(action).put(dismiss).any()
        })
    };
    let shown = keyed(move || toasts.shown.get().into_iter().map(show).collect());
    let said = el("div").is("role", "status").is("aria-live", "polite").put(shown).any();
    section("toasts", "Messages", vec![said])
}
