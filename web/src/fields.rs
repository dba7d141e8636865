//! What is typed in an editor.

use leptos::prelude::*;
use subrosa_bridge::view::Plain;
use subrosa_bridge::{Hidden, HiddenBytes};

use crate::drafts::{Draft, Saves};

/// What is typed in an editor.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Key.
    pub key: RwSignal<String>,
    /// Value.
    pub value: RwSignal<String>,
    /// The bytes of a file, in the value's place.
    pub file: RwSignal<Option<HiddenBytes>>,
    /// Where programs expect the file; empty for what is none.
    pub mount: RwSignal<String>,
    /// Note.
    pub note: RwSignal<String>,
}

impl Fields {
    /// Empty ones.
    pub fn new() -> Self {
        let text = || RwSignal::new(String::new());
        Fields {
            key: text(),
            value: text(),
            file: RwSignal::new(None),
            mount: text(),
            note: text(),
        }
    }

    /// What is typed, tracked.
    pub fn typed(self, base: u32, saves: Saves) -> Draft {
        Draft {
            key: self.key.get(),
            value: Hidden::new(self.value.get()),
            file: self.file.get(),
            mount: self.mount.get(),
            note: self.note.get(),
            base,
            saves,
        }
    }

    /// Shows a draft.
    pub fn show(self, draft: &Draft) {
        self.key.set(draft.key.clone());
        self.value.set(draft.value.expose().to_owned());
        self.file.set(draft.file.clone());
        self.mount.set(draft.mount.clone());
        self.note.set(draft.note.clone());
    }

    /// Shows a value that was opened.
    pub fn show_value(self, value: &Plain) {
        match value {
            Plain::Text(text) => self.value.set(text.expose().to_owned()),
            Plain::Bytes(bytes) => self.file.set(Some(bytes.clone())),
        }
    }

    /// Forgets all.
    pub fn clear(self) {
        self.show(&Draft::default());
    }
}
