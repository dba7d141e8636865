//! The parts that screens are made of.

pub mod account_name;
pub mod banner;
pub mod breadcrumb;
pub mod compare_checkpoint;
pub mod delete_dialog;
pub mod dialog;
pub mod differences;
pub mod drop_anywhere;
pub mod dropped;
pub mod field;
pub mod help;
pub mod inline_create;
pub mod new_password;
pub mod palette;
pub mod production;
pub mod qr;
pub mod reminder;
pub mod reveal;
pub mod review;
pub mod scope_tabs;
pub mod select;
pub mod sheet;
pub mod shell;
pub mod sidebar;
pub mod state;
pub mod submit;
pub mod time;
pub mod toast;
pub mod trace;
pub mod value_field;
pub mod value_or_file;

use std::cell::Cell;

thread_local! {
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// An id that no other element of this page has.
pub fn unique(name: &str) -> String {
    LAST.with(|last| {
        last.set(last.get().wrapping_add(1));
        format!("{name}-{}", last.get())
    })
}
