//! Locks by itself: when nobody is there, when the machine wakes from sleep, when another tab
//! locks.

use gloo_timers::callback::Interval;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{BroadcastChannel, MessageEvent};

use crate::erased::on_window;
use crate::session::Session;

/// Shared by all tabs of this console: `lock`, `busy` where somebody is active, or `drafts` where
/// other ones are kept now.
const CHANNEL: &str = "subrosa-tabs";
/// How often idleness is looked at, in milliseconds.
const TICK: u32 = 5_000;
/// A longer pause between two ticks means that the machine slept. A hidden tab's timers are slowed
/// to one a minute, which is no sleep.
const NAP_SHOWN: f64 = 45_000.0;
const NAP_HIDDEN: f64 = 150_000.0;
/// How often one tab tells the others that somebody is there.
const TELL: f64 = 10_000.0;

/// What the clock says, in milliseconds.
#[derive(Clone, Copy)]
struct Watch {
    last_active: f64,
    last_tick: f64,
    last_told: f64,
}

/// Starts watching, for as long as the page lives.
pub fn install(session: Session) {
    let now = js_sys::Date::now();
    let watch = StoredValue::new(Watch { last_active: now, last_tick: now, last_told: 0.0 });
    let channel = BroadcastChannel::new(CHANNEL).ok();
    if let Some(channel) = &channel {
        listen(channel, session, watch);
    }
    let channel = StoredValue::new_local(channel);
    let post = move |word: &'static str| {
        channel.with_value(|channel| {
            if let Some(channel) = channel {
                let _ = channel.post_message(&JsValue::from_str(word));
            }
        });
    };
    session.tell_tabs.set_value(Some(Callback::new(post)));

    let active = move || {
        let now = js_sys::Date::now();
        let told = watch.with_value(|watch| watch.last_told);
        watch.update_value(|watch| watch.last_active = now);
        if now - told > TELL {
            watch.update_value(|watch| watch.last_told = now);
            post("busy");
        }
    };
    // The handles are dropped: what they listen to lives as long as the page does.
    let _ = on_window("pointerdown", move |_: web_sys::Event| active());
    let _ = on_window("keydown", move |_: web_sys::Event| active());
    let _ = on_window("wheel", move |_: web_sys::Event| active());

    Interval::new(TICK, move || {
        let now = js_sys::Date::now();
        let seen = watch.get_value();
        watch.update_value(|watch| watch.last_tick = now);
        let after = session.lock_after.get_untracked();
        if must_lock(seen, now, after, document().hidden()) {
            session.lock(true);
        }
    })
    .forget();
}

fn listen(channel: &BroadcastChannel, session: Session, watch: StoredValue<Watch>) {
    let heard =
        Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            match message.data().as_string().as_deref() {
                Some("busy") => {
                    watch.update_value(|watch| watch.last_active = js_sys::Date::now());
                }
                Some("lock") => session.lock(false),
                Some("drafts") => session.renew_drafts(),
                Some("alarm") => session.ask_alarms(),
                _ => {}
            }
        });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    heard.forget();
}

/// Whether it is time, at `now`, with `after` milliseconds of idleness allowed.
fn must_lock(watch: Watch, now: f64, after: u64, hidden: bool) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "at most 240 minutes")]
    let idle = now - watch.last_active >= after as f64;
    let nap = if hidden { NAP_HIDDEN } else { NAP_SHOWN };
    idle || now - watch.last_tick > nap
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: f64 = 60_000.0;

    fn watch(last_active: f64, last_tick: f64) -> Watch {
        Watch { last_active, last_tick, last_told: 0.0 }
    }

    #[test]
    fn idleness_locks() {
        assert!(!must_lock(watch(0.0, 9.9 * MINUTE), 9.99 * MINUTE, 600_000, false));
        assert!(must_lock(watch(0.0, 10.0 * MINUTE), 10.0 * MINUTE, 600_000, false));
    }

    #[test]
    fn waking_from_sleep_locks() {
        assert!(must_lock(watch(MINUTE, MINUTE), 2.0 * MINUTE, 600_000, false));
    }

    #[test]
    fn a_hidden_tab_with_slow_timers_does_not_lock() {
        assert!(!must_lock(watch(MINUTE, MINUTE), 2.0 * MINUTE, 600_000, true));
        assert!(must_lock(watch(MINUTE, MINUTE), 5.0 * MINUTE, 600_000, true));
    }
}
