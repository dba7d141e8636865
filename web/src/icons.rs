//! The icons, drawn on a grid of 16. They stand beside words and say nothing by themselves.

use leptos::prelude::*;

use crate::element::el;

/// Makes a function for each icon from the data of its paths.
macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident: $($path:literal),+;)+) => {
        $(
            $(#[$doc])*
            #[expect(non_snake_case, reason = "views name it like an element")]
            pub fn $name() -> AnyView {
                icon(&[$($path),+])
            }
        )+

        /// All of them.
        pub fn all() -> Vec<AnyView> {
            vec![$($name()),+]
        }
    };
}

fn icon(paths: &[&'static str]) -> AnyView {
    let icon = el("svg").class("icon").is("viewBox", "0 0 16 16").is("aria-hidden", "true");
    paths.iter().fold(icon, |icon, path| icon.put(el("path").is("d", *path))).any()
}

icons! {
    /// The mark: a rose.
    Rose: "M8 8.800c-1.900 0-3.300-1.400-3.300-3.200 0-1.500 1-2.300 1.900-3.100.3.700.8 1.200 1.400 1.200s1.100-.5 1.400-1.200c.9.800 1.900 1.600 1.900 3.100 0 1.800-1.400 3.200-3.300 3.200z", "M8 8.800v5.700M8 13c1.600 0 2.800-.6 3.400-2M8 11.500c-1.600 0-2.800-.6-3.400-2";
    /// A folder.
    Folder: "M2 4.500c0-.8.700-1.500 1.500-1.500h2.800l1.400 1.500h4.800c.8 0 1.500.7 1.500 1.500v5.500c0 .8-.7 1.500-1.500 1.500h-9c-.8 0-1.500-.7-1.500-1.500z";
    /// Search.
    Lens: "M7 11.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9z", "M10.300 10.300 13.500 13.500";
    /// Settings.
    Sliders: "M2.500 5h6M12 5h1.500M2.500 11h2M8 11h5.500", "M10.250 6.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM6.250 12.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3z";
    /// Somebody.
    Person: "M8 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z", "M3 13.500c0-2.500 2.200-4 5-4s5 1.500 5 4";
    /// Two people.
    People: "M6 7.500a2.250 2.250 0 1 0 0-4.500 2.250 2.250 0 0 0 0 4.500z", "M2 13c0-2.200 1.800-3.500 4-3.500s4 1.300 4 3.500M10.500 3.200a2.250 2.250 0 0 1 0 4.100M11.500 9.800c1.500.4 2.500 1.500 2.500 3.200";
    /// A machine.
    Machine: "M4 2.500h8c.6 0 1 .4 1 1v9c0 .6-.4 1-1 1H4c-.6 0-1-.4-1-1v-9c0-.6.4-1 1-1z", "M3 8h10M5.500 5.250h.01M5.500 10.750h.01";
    /// A lock.
    Lock: "M4.500 7h7c.6 0 1 .4 1 1v4.500c0 .6-.4 1-1 1h-7c-.6 0-1-.4-1-1V8c0-.6.4-1 1-1z", "M5.500 7V5a2.500 2.500 0 0 1 5 0v2";
    /// New.
    Plus: "M8 3.500v9M3.500 8h9";
    /// An open eye.
    Eye: "M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8z", "M8 9.800a1.800 1.800 0 1 0 0-3.600 1.800 1.800 0 0 0 0 3.600z";
    /// A closed eye.
    EyeOff: "M2.500 2.500l11 11M6.300 3.700C6.800 3.600 7.400 3.500 8 3.500c4 0 6.500 4.500 6.500 4.500s-.7 1.200-1.900 2.400M10 12.200c-.6.2-1.300.3-2 .3-4 0-6.500-4.500-6.500-4.500s1-1.800 2.800-3.100";
    /// Copy.
    Copy: "M6.500 5.500h6c.6 0 1 .4 1 1v6c0 .6-.4 1-1 1h-6c-.6 0-1-.4-1-1v-6c0-.6.4-1 1-1z", "M10.500 5.500v-2c0-.6-.4-1-1-1h-6c-.6 0-1 .4-1 1v6c0 .6.4 1 1 1h2";
    /// Edit.
    Pencil: "M3 13l.6-2.600 7-7a1.400 1.400 0 0 1 2 2l-7 7z";
    /// A key.
    Key: "M5.500 13a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z", "M7.300 8.700 13 3M10.500 5.500l2 2";
    /// Again and again.
    Cycle: "M13 6.500A5.300 5.300 0 0 0 3.300 5.500M3 9.500a5.300 5.300 0 0 0 9.700 1M3.300 2.500v3h3M12.700 13.500v-3h-3";
    /// The past.
    Clock: "M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11z", "M8 5v3l2 1.500";
    /// Delete.
    Trash: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 8.500c0 .3.2.5.5.5h5c.3 0 .5-.2.5-.5l.5-8.500";
    /// Bring in.
    Inward: "M8 2.500v7M5 7l3 3 3-3M3 12.500v1h10v-1";
    /// Take out.
    Outward: "M8 10V3M5 5.500 8 2.500l3 3M3 12.500v1h10v-1";
    /// Something needs attention.
    Warning: "M8 2.500 14.500 13.500h-13z", "M8 6.500v3M8 11.500v.1";
    /// Done.
    Check: "M3 8.500l3.500 3.500L13 4.500";
    /// Close.
    Cross: "M4 4l8 8M12 4l-8 8";
    /// Between the parts of a breadcrumb.
    Chevron: "M6 3.500 10.500 8 6 12.500";
    /// More.
    Dots: "M3.500 8h.01M8 8h.01M12.500 8h.01";
    /// Print.
    Printer: "M4.500 6V2.500h7V6M4.500 11.500h-2v-4c0-.8.700-1.500 1.500-1.500h8c.8 0 1.500.7 1.500 1.500v4h-2M4.500 9.500h7v4h-7z";
    /// Menu.
    Menu: "M2.500 4.500h11M2.500 8h11M2.500 11.500h11";
    /// Bring back.
    Back: "M3 6.500h6.500a3.500 3.500 0 0 1 0 7H6M3 6.500l3-3M3 6.500l3 3";
    /// From a scope above.
    Down: "M4 3v5.500h8M9.500 6l2.500 2.500L9.500 11";
    /// No connection.
    Cloud: "M4.500 12.500a3 3 0 0 1-.3-6 4 4 0 0 1 7.600 0 3 3 0 0 1-.3 6z", "M6.500 8.500l3 3M9.500 8.500l-3 3";
    /// Set here.
    Own: "M8 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z";
    /// From above.
    Inherited: "M8 13V3.500M4.500 7 8 3.500 11.500 7";
    /// Another value here.
    Override: "M8 3 13 8 8 13 3 8z";
    /// Another key for something.
    Alias: "M2.500 8h10.500M9.500 4.500 13 8l-3.500 3.500";
    /// Nothing.
    Missing: "M4.500 8h7";
    /// Out of reach.
    NoAccess: "M8 13.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11z", "M4.200 4.200l7.600 7.600";
}
