//! The root: what every component may ask for, and which screen an address shows.

use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::hooks::use_navigate;
use leptos_router::{NavigateOptions, path};

use crate::components::shell::Shell;
use crate::components::toast::ToastRegion;
use crate::pages::{
    Compare, Gallery, ImportPage, MatrixPage, NotFound, Projects, Recover, ScopePage, Search,
    Settings, Setup, Unlock,
};
use crate::session::{Session, use_session};
use crate::{idle, preferences};

/// The whole console.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::new();
    provide_context(session);
    preferences::provide();
    session.start();
    idle::install(session);
    warn_of_drafts(session);
    view! {
        <Router>
            <Compass />
            <Routes fallback=NotFound>
                <Route path=path!("/setup") view=Setup />
                <Route path=path!("/unlock") view=Unlock />
                <Route path=path!("/recover") view=Recover />
                <Route path=path!("/_kit") view=Gallery />
                <ParentRoute path=path!("") view=Shell>
                    <Route path=path!("") view=Projects />
                    <Route path=path!("/search") view=Search />
                    <Route path=path!("/settings") view=Settings />
                    <Route path=path!("/p/:project/import") view=ImportPage />
                    <Route path=path!("/p/:project") view=MatrixPage />
                    <Route path=path!("/p/:project/compare") view=Compare />
                    <Route path=path!("/p/:project/shared") view=ScopePage />
                    <Route path=path!("/p/:project/e/:env") view=ScopePage />
                    <Route path=path!("/p/:project/e/:env/a/:app") view=ScopePage />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion toasts=session.toasts />
    }
}

/// Gives the session the router's way to another page.
#[component]
fn Compass() -> impl IntoView {
    let navigate = use_navigate();
    use_session().way.set_value(Some(Rc::new(move |path, replace| {
        navigate(path, NavigateOptions { replace, ..NavigateOptions::default() });
    })));
}

/// A page with drafts asks before it is closed.
fn warn_of_drafts(session: Session) {
    let _ = window_event_listener(ev::beforeunload, move |event| {
        if session.drafts.count() > 0 {
            event.prevent_default();
        }
    });
}
