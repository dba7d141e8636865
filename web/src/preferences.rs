//! What this browser remembers of the console: how it looks and behaves. Never a secret.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::json::{from_json, to_json};

/// boot.js reads the theme from here before the first paint.
const SLOT: &str = "subrosa.preferences";

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// All of them. A field that is missing in the store has its default.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// The theme.
    pub theme: Theme,
    /// What to call this server, to tell two consoles apart.
    pub server_label: String,
    /// Whether single keys such as `n` do something.
    pub single_keys: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences { theme: Theme::System, server_label: String::new(), single_keys: true }
    }
}

/// The preferences, in any component.
pub fn use_preferences() -> RwSignal<Preferences> {
    expect_context::<RwSignal<Preferences>>()
}

/// Reads them, and keeps store and page in step with every change.
pub fn provide() {
    let stored = if available() { LocalStorage::raw().get_item(SLOT).ok().flatten() } else { None };
    let stored: Option<Preferences> = stored.and_then(|text| from_json(&text));
    let preferences = RwSignal::new(stored.unwrap_or_default());
    provide_context(preferences);
    Effect::new(move |first: Option<()>| {
        let preferences = preferences.get();
        apply(preferences.theme);
        if first.is_some()
            && available()
            && let Some(text) = to_json(&preferences)
        {
            let _ = LocalStorage::raw().set_item(SLOT, &text);
        }
    });
}

/// A browser may refuse storage altogether; gloo-storage would throw then.
fn available() -> bool {
    matches!(web_sys::window().map(|window| window.local_storage()), Some(Ok(Some(_))))
}

fn apply(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    let _ = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_store_reads_with_defaults() {
        let read: Preferences = serde_json::from_str(r#"{"theme":"dark"}"#).unwrap();
        assert_eq!(read.theme, Theme::Dark);
        assert!(read.single_keys);
    }
}
