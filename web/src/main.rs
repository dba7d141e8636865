//! The console: a single page that shows what the keyholder tells it, and holds no key.

mod address;
mod app;
mod ask;
mod clipboard;
mod components;
mod crash;
mod diff;
mod drafts;
mod editor;
mod element;
mod erased;
mod fields;
mod find;
mod format;
mod icons;
mod idle;
mod import_plan;
mod json;
mod key_check;
mod keyholder;
mod page;
mod pages;
mod parts;
mod place_names;
mod preferences;
mod rotation;
mod session;
mod text;
mod view_window;

fn main() {
    crash::install();
    leptos::mount::mount_to_body(app::App);
}
