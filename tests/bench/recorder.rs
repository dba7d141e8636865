//! A desk whose device notes what it asks for.

use std::cell::RefCell;
use std::rc::Rc;

use subrosa_client::HttpRequest;
use subrosa_client::native::{Memory, Native};
use subrosa_keyholder::Desk;
use subrosa_tests::platform::Staged;

/// The desk, and what was asked so far, but for streams.
pub struct Recorded {
    pub desk: Desk<Staged>,
    pub sent: Rc<RefCell<Vec<HttpRequest>>>,
}

impl Recorded {
    pub fn at(origin: &str) -> Self {
        let sent = Rc::<RefCell<Vec<HttpRequest>>>::default();
        let heard = sent.clone();
        let note = move |request: &HttpRequest| heard.borrow_mut().push(request.clone());
        let platform = Staged::new(Native::new(origin, Memory::default()), 1, note);
        Recorded { desk: Desk::new(platform, |_| {}), sent }
    }
}
