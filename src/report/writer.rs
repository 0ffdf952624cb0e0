//! Writes events. All text that leaves the page goes through here, where secrets are removed.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::pin,
    rc::Rc,
};

use opencloud_model::{
    event::{Event, Timed},
    lines::lines,
    redact,
};

use crate::page;

thread_local! {
    /// Where the test that is polled reports to.
    static CURRENT: RefCell<Option<Rc<Outlet>>> = const { RefCell::new(None) };
}

/// Queues `event` as JSON and prints it as lines, without secrets; at once, or when the outlet of the test
/// that reports it is opened.
///
/// # Panics
/// If the event cannot be written as JSON and read again. Its type rules that out.
pub fn write(event: &Event) {
    match CURRENT.with_borrow(Clone::clone) {
        Some(outlet) => outlet.write(event),
        None => Written::of(event).emit(),
    }
}

/// An event without secrets.
#[derive(Debug)]
struct Written {
    json: String,
    lines: String,
}

impl Written {
    fn of(event: &Event) -> Self {
        let timed = Timed {
            at: page::wall_clock(),
            event: event.clone(),
        };
        let mut json = serde_json::to_value(&timed).expect("events are plain data");
        redact::clean_json(&mut json, &Timed::FIXED);
        let text = json.to_string();
        let clean: Timed = serde_json::from_value(json).expect("a redacted event is an event");
        Self {
            json: text,
            lines: lines(&clean.event),
        }
    }

    fn emit(self) {
        page::queue(&self.json);
        if !self.lines.is_empty() {
            page::print(&self.lines);
        }
    }
}

/// The events of a test that runs beside others: kept until it is opened.
#[derive(Debug)]
pub(crate) struct Outlet {
    /// `None` once it is open.
    kept: RefCell<Option<Vec<Written>>>,
}

impl Outlet {
    /// An outlet that keeps what is written.
    pub(crate) fn closed() -> Self {
        Self {
            kept: RefCell::new(Some(Vec::new())),
        }
    }

    /// Whether a test is polled that reports to an outlet.
    pub(crate) fn is_current() -> bool {
        CURRENT.with_borrow(Option::is_some)
    }

    /// The outlet of the test that is polled, which reports to it no longer.
    pub(crate) fn leave() -> Option<Rc<Self>> {
        CURRENT.take()
    }

    /// Emits what was kept, and from now on what is written at once.
    pub(crate) fn open(&self) {
        let kept = self.kept.take();
        kept.into_iter().flatten().for_each(Written::emit);
    }

    /// Writes an event of the test.
    pub(crate) fn write(&self, event: &Event) {
        if !matches!(event, Event::StepWaiting { .. }) {
            page::count_progress();
        }
        let written = Written::of(event);
        match &mut *self.kept.borrow_mut() {
            Some(kept) => kept.push(written),
            None => written.emit(),
        }
    }

    /// `test`, whose events go to this outlet.
    pub(crate) async fn capture<T>(self: Rc<Self>, test: impl Future<Output = T>) -> T {
        let mut test = pin!(test);
        poll_fn(|context| {
            let before = CURRENT.replace(Some(Rc::clone(&self)));
            let polled = test.as_mut().poll(context);
            CURRENT.set(before);
            polled
        })
        .await
    }
}
