//! The line to the keyholder: a module worker that holds the keys. It is asked by number, answers
//! when it can, and tells news by itself. Ending it is the only way to drop what it knows.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::oneshot;
use leptos::prelude::*;
use subrosa_bridge::js::{from_js, to_js};
use subrosa_bridge::{Event, FromKeyholder, Kind, Problem, Reply, Request, ToKeyholder};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// Where the server keeps the worker's entry file. boot.js allows this address and no other.
const ENTRY: &str = "/w/worker.js";

thread_local! {
    /// The one worker of this page, reachable from the panic hook, where nothing else is.
    static CURRENT: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// What the line tells the page.
pub enum News {
    /// The keyholder is there.
    Ready,
    /// From the keyholder.
    Event(Box<Event>),
    /// The worker could not be started or died.
    Died,
}

/// A handle to the line, for every component.
#[derive(Clone, Copy)]
pub struct Keyholder {
    line: StoredValue<Rc<RefCell<Line>>, LocalStorage>,
}

#[derive(Default)]
struct Line {
    worker: Option<Worker>,
    ready: bool,
    next: u32,
    unsent: Vec<ToKeyholder>,
    /// By the numbers of their requests. Few wait at a time.
    waiting: Vec<(u32, oneshot::Sender<Result<Reply, Problem>>)>,
    /// Kept alive as long as the worker may call them.
    on_message: Option<Closure<dyn FnMut(MessageEvent)>>,
    on_error: Option<Closure<dyn FnMut(web_sys::Event)>>,
}

impl Keyholder {
    /// A line with nobody at the other end: see [`Keyholder::start`].
    pub fn new() -> Self {
        Keyholder { line: StoredValue::new_local(Rc::default()) }
    }

    /// Starts a new worker. `tell` is called with its news.
    pub fn start(self, tell: impl Fn(News) + 'static) {
        let line = self.line();
        let tell = Rc::new(tell);
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let Ok(worker) = Worker::new_with_options(ENTRY, &options) else {
            tell(News::Died);
            return;
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let (line, tell) = (Rc::downgrade(&line), Rc::clone(&tell));
            move |message: MessageEvent| {
                let Some(line) = line.upgrade() else { return };
                match from_js(message.data()) {
                    Some(FromKeyholder::Ready) => {
                        line.borrow_mut().flush();
                        tell(News::Ready);
                    }
                    Some(FromKeyholder::Reply { id, result }) => {
                        let waiting = line.borrow_mut().take(id);
                        if let Some(waiting) = waiting {
                            let _ = waiting.send(result);
                        }
                    }
                    Some(FromKeyholder::Event(event)) => tell(News::Event(Box::new(event))),
                    None => tell(News::Died),
                }
            }
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |_| tell(News::Died));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        CURRENT.with_borrow_mut(|current| *current = Some(worker.clone()));
        let mut line = line.borrow_mut();
        line.worker = Some(worker);
        line.on_message = Some(on_message);
        line.on_error = Some(on_error);
    }

    /// Ends the worker and with it every key. Whoever waits for an answer gets [`Kind::Locked`].
    pub fn stop(self) {
        end_worker();
        let line = self.line();
        let waiting = {
            let mut line = line.borrow_mut();
            line.worker = None;
            line.ready = false;
            line.unsent.clear();
            std::mem::take(&mut line.waiting)
        };
        drop(waiting);
    }

    /// Asks, and waits for the answer.
    pub async fn ask(self, request: Request) -> Result<Reply, Problem> {
        let (sender, answer) = oneshot::channel();
        self.line().borrow_mut().post(request, sender);
        answer.await.unwrap_or_else(|_| Err(locked()))
    }

    fn line(self) -> Rc<RefCell<Line>> {
        self.line.try_get_value().unwrap_or_default()
    }
}

impl Line {
    fn post(&mut self, request: Request, sender: oneshot::Sender<Result<Reply, Problem>>) {
        self.next = self.next.wrapping_add(1);
        let message = ToKeyholder { id: self.next, request };
        self.waiting.push((self.next, sender));
        if self.ready {
            self.send(&message);
        } else {
            self.unsent.push(message);
        }
    }

    fn flush(&mut self) {
        self.ready = true;
        for message in std::mem::take(&mut self.unsent) {
            self.send(&message);
        }
    }

    fn send(&mut self, message: &ToKeyholder) {
        let sent = to_js(message).is_ok_and(|value| {
            self.worker.as_ref().is_some_and(|worker| worker.post_message(&value).is_ok())
        });
        if !sent {
            drop(self.take(message.id));
        }
    }

    /// Whoever waits for the answer to a request.
    fn take(&mut self, id: u32) -> Option<oneshot::Sender<Result<Reply, Problem>>> {
        let at = self.waiting.iter().position(|waiting| waiting.0 == id)?;
        Some(self.waiting.swap_remove(at).1)
    }
}

/// Ends the worker, from wherever: also used when the page itself has broken.
pub fn end_worker() {
    CURRENT.with_borrow_mut(|current| {
        if let Some(worker) = current.take() {
            worker.set_onmessage(None);
            worker.set_onerror(None);
            worker.terminate();
        }
    });
}

/// What an answer that can't come any more reads as.
fn locked() -> Problem {
    Problem::new(Kind::Locked, "The console is locked.", "Unlock it and try again.")
}
