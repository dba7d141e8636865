//! What this browser remembers of the console: how it looks and behaves. Never a secret.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::*;
use subrosa_bridge::tree::Fields;
use subrosa_bridge::{Message, Tree};

use crate::json::{from_json, to_json};

/// boot.js reads the theme from here before the first paint.
const SLOT: &str = "subrosa.preferences";

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Preferences {
    /// The theme.
    pub theme: Theme,
    /// What to call this server, to tell two consoles apart.
    pub server_label: String,
    /// Whether single keys such as `n` do something.
    pub single_keys: bool,
    /// The id of the team that was open last, of those that the account is in.
    pub team: Option<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Preferences {
            theme: Theme::System,
            server_label: String::new(),
            single_keys: true,
            team: None,
        }
    }
}

impl Message for Theme {
    fn to_tree(&self) -> Tree {
        let name = match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        Tree::name(name)
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        match String::read(tree, wrong).as_str() {
            "light" => return Theme::Light,
            "dark" => return Theme::Dark,
            "system" => {}
            _ => *wrong = true,
        }
        Theme::System
    }
}

impl Message for Preferences {
    fn to_tree(&self) -> Tree {
        Tree::Fields(Fields::new(vec![
            ("theme", self.theme.to_tree()),
            ("server_label", self.server_label.to_tree()),
            ("single_keys", self.single_keys.to_tree()),
            ("team", self.team.to_tree()),
        ]))
    }

    fn read(tree: Tree, wrong: &mut bool) -> Self {
        let (mut fields, default) = (tree.into_fields(wrong), Preferences::default());
        Preferences {
            theme: fields.read("theme").unwrap_or(default.theme),
            server_label: fields.read("server_label").unwrap_or(default.server_label),
            single_keys: fields.read("single_keys").unwrap_or(default.single_keys),
            team: fields.read("team").unwrap_or(default.team),
        }
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
        let stored = Tree::Fields(Fields::new(vec![("theme", "dark".to_owned().to_tree())]));
        let read = Preferences::from_tree(stored).unwrap();
        assert_eq!(read.theme, Theme::Dark);
        assert!(read.single_keys);
    }
}
