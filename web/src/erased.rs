//! Closures behind boxes. Leptos compiles a copy of all that draws and tracks a closure for each
//! one that it is given; boxed ones share a single copy.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

/// A part of a view that is drawn anew when what it reads changes.
pub fn lazy(view: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    shared(Box::new(view))
}

fn shared(mut view: Box<dyn FnMut() -> AnyView + Send>) -> AnyView {
    (move || view()).into_any()
}

/// A part of a view that is there as long as something holds.
pub fn when(
    holds: impl Fn() -> bool + Send + Sync + 'static,
    mut view: impl FnMut() -> AnyView + Send + 'static,
) -> AnyView {
    let holds = memo(holds);
    lazy(move || if holds.get() { view() } else { ().into_any() })
}

/// A value that tells only of changes.
pub fn memo<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    fn shared<T>(value: Box<dyn Fn() -> T + Send + Sync>) -> Memo<T>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| value())
    }
    shared(Box::new(value))
}

/// Runs now, and whenever what it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    fn shared(mut run: Box<dyn FnMut()>) {
        Effect::new(move |_| run());
    }
    shared(Box::new(run));
}

/// Runs to its end by itself.
pub fn spawn(run: impl Future<Output = ()> + 'static) {
    let run: Pin<Box<dyn Future<Output = ()>>> = Box::pin(run);
    spawn_local(run);
}

/// Listens to the window: to what comes there under this name, which is of the type `E`.
pub fn on_window<E: JsCast>(
    name: &'static str,
    hear: impl Fn(E) + 'static,
) -> WindowListenerHandle {
    fn shared(name: &'static str, hear: Box<dyn Fn(web_sys::Event)>) -> WindowListenerHandle {
        window_event_listener_untyped(name, hear)
    }
    shared(name, Box::new(move |event| hear(event.unchecked_into())))
}

/// One of several things that are shown; what has the same key stays when others come and go.
pub struct Keyed {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

impl Keyed {
    /// A thing with its key.
    pub fn new(key: impl Into<String>, view: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Keyed { key: key.into(), view: Box::new(view) }
    }
}

/// A list that is drawn anew only where it changes.
pub fn keyed(things: impl Fn() -> Vec<Keyed> + Send + Sync + 'static) -> AnyView {
    fn shared(things: Box<dyn Fn() -> Vec<Keyed> + Send + Sync>) -> AnyView {
        view! { <For each=move || things() key=|it| it.key.clone() children=|it| (it.view)() /> }
            .into_any()
    }
    shared(Box::new(things))
}
