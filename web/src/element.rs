//! Elements that are put together while the page runs. Each view of Leptos' macro is a type of its
//! own, with all that builds and updates it compiled anew, and each attribute too; these are all
//! of one type.

use std::any::Any;
use std::borrow::Cow;

use leptos::html::ElementType;
use leptos::prelude::*;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::html::node_ref::NodeRefContainer;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::no_attrs;
use leptos::tachys::renderer::Rndr;
use leptos::tachys::view::any_view::AnyViewState;
use leptos::tachys::view::{Mountable, Position, PositionState};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, KeyboardEvent, Node};

/// An element that is not in the page yet.
pub struct El(Box<Parts>);

struct Parts {
    tag: &'static str,
    attributes: Vec<(&'static str, Attribute)>,
    children: Vec<AnyView>,
}

/// What is said of an element under a name.
enum Attribute {
    /// A text that stays.
    Is(Cow<'static, str>),
    /// Something that is done to the element now, and again whenever what it reads changes.
    Follows(Box<dyn Fn(&Element) + Send>),
    /// What an event does.
    Hears(Box<dyn FnMut(Event) + Send>),
}

/// An element with nothing in it.
pub fn el(tag: &'static str) -> El {
    El(Box::new(Parts { tag, attributes: Vec::new(), children: Vec::new() }))
}

impl El {
    fn with(mut self, name: &'static str, attribute: Attribute) -> El {
        self.0.attributes.push((name, attribute));
        self
    }

    fn follow(self, name: &'static str, set: impl Fn(&Element) + Send + 'static) -> El {
        self.with(name, Attribute::Follows(Box::new(set)))
    }

    /// An attribute that stays as it is.
    pub fn is(self, name: &'static str, text: impl Into<Cow<'static, str>>) -> El {
        self.with(name, Attribute::Is(text.into()))
    }

    /// Its classes; none where this is empty.
    pub fn class(self, names: impl Into<Cow<'static, str>>) -> El {
        let names = names.into();
        if names.is_empty() { self } else { self.is("class", names) }
    }

    /// An attribute that follows what it reads, and is not there where this is nothing.
    pub fn maybe(
        self,
        name: &'static str,
        text: impl Fn() -> Option<String> + Send + 'static,
    ) -> El {
        fn shared(of: El, name: &'static str, text: Box<dyn Fn() -> Option<String> + Send>) -> El {
            of.follow(name, move |element| {
                let _ = match text() {
                    Some(text) => element.set_attribute(name, &text),
                    None => element.remove_attribute(name),
                };
            })
        }
        shared(self, name, Box::new(text))
    }

    /// An attribute that follows what it reads.
    pub fn follows(self, name: &'static str, text: impl Fn() -> String + Send + 'static) -> El {
        self.maybe(name, move || Some(text()))
    }

    /// An attribute with no text that is there while something holds.
    pub fn flag(self, name: &'static str, holds: impl Fn() -> bool + Send + 'static) -> El {
        self.maybe(name, move || holds().then(String::new))
    }

    /// `true` or `false`.
    pub fn states(self, name: &'static str, holds: impl Fn() -> bool + Send + 'static) -> El {
        self.maybe(name, move || Some(holds().to_string()))
    }

    /// A class that it has while something holds.
    pub fn toggles(self, name: &'static str, holds: impl Fn() -> bool + Send + 'static) -> El {
        self.follow(name, move |element| {
            let _ = element.class_list().toggle_with_force(name, holds());
        })
    }

    /// A property of its style.
    pub fn style(self, name: &'static str, text: impl Fn() -> String + Send + 'static) -> El {
        self.follow(name, move |element| {
            let _ = element.unchecked_ref::<HtmlElement>().style().set_property(name, &text());
        })
    }

    /// A property of the element itself.
    pub fn property(self, name: &'static str, value: impl Fn() -> JsValue + Send + 'static) -> El {
        self.follow(name, move |element| {
            let _ = js_sys::Reflect::set(element, &name.into(), &value());
        })
    }

    /// What is typed into it.
    pub fn typed(self, text: RwSignal<String>) -> El {
        self.property("value", move || text.get().into())
            .on("input", move |event| text.set(event_target_value(&event)))
    }

    /// Whether it is ticked.
    pub fn ticked(self, ticked: RwSignal<bool>) -> El {
        self.ticks(move || ticked.get(), move |now| ticked.set(now))
    }

    /// Whether it is ticked, and what is done when somebody ticks it or takes that away.
    pub fn ticks(
        self,
        ticked: impl Fn() -> bool + Send + 'static,
        mut tick: impl FnMut(bool) + Send + 'static,
    ) -> El {
        self.property("checked", move || ticked().into())
            .on("change", move |event| tick(event_target_checked(&event)))
    }

    /// Tells where it is, once it is there.
    pub fn node<E>(self, node: NodeRef<E>) -> El
    where
        E: ElementType,
        E::Output: JsCast + Clone + 'static,
    {
        self.follow("", move |element| NodeRefContainer::load(node, element))
    }

    /// What an event does.
    pub fn on(self, name: &'static str, hear: impl FnMut(Event) + Send + 'static) -> El {
        self.with(name, Attribute::Hears(Box::new(hear)))
    }

    /// What a key does.
    pub fn keys(self, mut hear: impl FnMut(KeyboardEvent) + Send + 'static) -> El {
        self.on("keydown", move |event| hear(event.unchecked_into()))
    }

    /// What a click does.
    pub fn click(self, mut run: impl FnMut() + Send + 'static) -> El {
        self.on("click", move |_| run())
    }

    /// What sending the form does.
    pub fn submit(self, mut send: impl FnMut() + Send + 'static) -> El {
        self.on("submit", move |event| {
            event.prevent_default();
            send();
        })
    }

    /// Puts something into it, after what is there.
    pub fn put(mut self, child: impl Child) -> El {
        child.put(&mut self.0.children);
        self
    }

    /// The same as any view.
    pub fn any(self) -> AnyView {
        self.into_any()
    }
}

/// What can be put into an element.
pub trait Child {
    /// Puts it after what is there.
    fn put(self, into: &mut Vec<AnyView>);
}

impl Child for AnyView {
    fn put(self, into: &mut Vec<AnyView>) {
        into.push(self);
    }
}

impl Child for El {
    fn put(self, into: &mut Vec<AnyView>) {
        into.push(self.any());
    }
}

impl Child for String {
    fn put(self, into: &mut Vec<AnyView>) {
        into.push(self.into_any());
    }
}

impl Child for &'static str {
    fn put(self, into: &mut Vec<AnyView>) {
        self.to_owned().put(into);
    }
}

impl<C: Child> Child for Option<C> {
    fn put(self, into: &mut Vec<AnyView>) {
        match self {
            Some(child) => child.put(into),
            // So that what comes after stays in its place when this comes and goes.
            None => into.push(().into_any()),
        }
    }
}

impl<C: Child> Child for Vec<C> {
    fn put(self, into: &mut Vec<AnyView>) {
        self.into_iter().for_each(|child| child.put(into));
    }
}

/// An element in the page.
pub struct Built {
    element: Element,
    tag: &'static str,
    names: Vec<&'static str>,
    /// Effects and listeners: they end when they are dropped.
    kept: Vec<Box<dyn Any>>,
    children: Vec<AnyViewState>,
}

fn names(of: &Parts) -> Vec<&'static str> {
    of.attributes.iter().map(|(name, _)| *name).collect()
}

/// Gives an element its attributes; what is returned keeps them up to date.
fn dress(element: &Element, attributes: Vec<(&'static str, Attribute)>) -> Vec<Box<dyn Any>> {
    let mut kept: Vec<Box<dyn Any>> = Vec::new();
    for (name, attribute) in attributes {
        match attribute {
            Attribute::Is(text) => {
                let _ = element.set_attribute(name, &text);
            }
            Attribute::Follows(set) => {
                let element = element.clone();
                kept.push(Box::new(RenderEffect::new(move |_| set(&element))));
            }
            Attribute::Hears(mut hear) => {
                let owner = Owner::current().unwrap_or_default();
                let hear = move |event: JsValue| owner.with(|| hear(event.unchecked_into()));
                kept.push(Box::new(Rndr::add_event_listener(element, name, Box::new(hear))));
            }
        }
    }
    kept
}

fn build_all(element: &Element, children: Vec<AnyView>) -> Vec<AnyViewState> {
    let build = |child: AnyView| {
        let mut state = child.build();
        state.mount(element, None);
        state
    };
    children.into_iter().map(build).collect()
}

impl Render for El {
    type State = Built;

    fn build(self) -> Built {
        let names = names(&self.0);
        let Parts { tag, attributes, children } = *self.0;
        let drawn = matches!(tag, "svg" | "path");
        let element = Rndr::create_element(tag, drawn.then_some("http://www.w3.org/2000/svg"));
        let kept = dress(&element, attributes);
        let children = build_all(&element, children);
        Built { element, tag, names, kept, children }
    }

    /// The element stays, and with it focus and selection, where it is one of the same kind.
    fn rebuild(self, built: &mut Built) {
        if self.0.tag != built.tag || names(&self.0) != built.names {
            let mut new = self.build();
            built.insert_before_this(&mut new);
            built.unmount();
            *built = new;
            return;
        }
        built.kept.clear();
        built.kept = dress(&built.element, self.0.attributes);
        if self.0.children.len() == built.children.len() {
            for (child, state) in self.0.children.into_iter().zip(&mut built.children) {
                child.rebuild(state);
            }
        } else {
            built.children.iter_mut().for_each(Mountable::unmount);
            built.children = build_all(&built.element, self.0.children);
        }
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        self.element.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.element.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.element.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.element.clone()]
    }
}

no_attrs!(El);

/// A view must be able to become HTML on a server too. There is none.
impl RenderHtml for El {
    type AsyncOutput = El;
    type Owned = El;
    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> El {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<AnyAttribute>,
    ) {
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> El {
        self
    }
}
