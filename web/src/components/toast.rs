//! Short messages, said aloud by screen readers. Never a value.

use std::sync::Arc;

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::erased::{Keyed, click, keyed, spawn};
use crate::icons;

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
#[component]
pub fn ToastRegion(toasts: Toasts) -> impl IntoView {
    let show = move |toast: Toast| {
        Keyed::new(toast.id.to_string(), move || {
            let action = toast.action.map(|(label, action)| {
                let act = click(move || {
                    toasts.dismiss(toast.id);
                    action();
                });
                view! { <button class="button small" on:click=act>{label}</button> }
            });
            let dismiss = click(move || toasts.dismiss(toast.id));
            view! {
                <div class="toast">
                    <p>{toast.text}</p>
                    {action}
                    <button class="button ghost small" aria-label="Dismiss message" on:click=dismiss>
                        <icons::Cross />
                    </button>
                </div>
            }
            .into_any()
        })
    };
    let shown = keyed(move || toasts.shown.get().into_iter().map(show).collect());
    view! {
        <section class="toasts" aria-label="Messages">
            <div role="status" aria-live="polite">{shown}</div>
        </section>
    }
}
