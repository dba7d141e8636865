//! What the keyholder says of a key (name) while it is typed.

use leptos::prelude::*;
use subrosa_bridge::{Kind, Problem};

use crate::erased::{effect, spawn};
use crate::session::use_session;

/// The last key that the keyholder has judged. While one types it is a little behind, so that what
/// is wrong stays on screen until it is right.
#[derive(Clone, Default)]
pub struct Checked {
    key: String,
    fault: Option<Problem>,
}

impl Checked {
    /// What is wrong with the key, in a sentence.
    pub fn fault(&self) -> Option<String> {
        self.fault.as_ref().map(|fault| fault.message.clone())
    }

    /// A key that would do.
    pub fn suggestion(&self) -> Option<String> {
        match self.fault.as_ref()?.kind {
            Kind::BadKey(ref suggestion) => suggestion.clone(),
            _ => None,
        }
    }

    /// Whether it is `key` that was judged, and found good.
    pub fn is_good(&self, key: &str) -> bool {
        self.key == key && self.fault.is_none() && !key.is_empty()
    }
}

/// Has `key` judged whenever it changes.
pub fn checked(key: RwSignal<String>) -> RwSignal<Checked> {
    let keyholder = use_session().keyholder;
    let checked = RwSignal::new(Checked::default());
    effect(move || {
        let asked = key.get();
        if asked.is_empty() {
            // Nothing is typed: nothing is wrong yet.
            checked.set(Checked::default());
            return;
        }
        spawn(async move {
            let fault = keyholder.check_key(asked.clone()).await.err();
            if key.try_get_untracked().as_ref() == Some(&asked) {
                let _ = checked.try_set(Checked { key: asked, fault });
            }
        });
    });
    checked
}
