//! The rules of the demo desk: searching, creating, changing; bounded, so that nobody can fill the memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use super::data::{CUSTOMERS, Comment, DEVICES, Priority, Status, Ticket, tickets};

/// Tickets kept; then the desk asks to delete some.
const MAX_TICKETS: usize = 500;

/// Comments kept per ticket.
const MAX_COMMENTS: usize = 100;

/// Longest text, in characters.
const MAX_TEXT: usize = 4000;

/// The tickets, behind one lock that is never held across an await.
#[derive(Debug)]
pub(super) struct Desk {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tickets: Vec<Ticket>,
    next_id: u32,
}

/// Why the desk does not do something.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeskError {
    #[error("there is no {0} with this id")]
    NotFound(&'static str),
    #[error("{0}")]
    Invalid(&'static str),
    #[error("the demo desk is full: delete something first")]
    Full,
}

/// What tickets are searched by.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketQuery {
    pub(super) text: Option<String>,
    pub(super) status: Option<Status>,
    pub(super) priority: Option<Priority>,
    pub(super) customer_id: Option<u32>,
    pub(super) page: Option<usize>,
    pub(super) page_size: Option<usize>,
}

/// A new ticket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTicket {
    pub(super) customer_id: u32,
    pub(super) subject: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) priority: Option<Priority>,
    pub(super) device_id: Option<u32>,
}

/// What may be changed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TicketChange {
    pub(super) subject: Option<String>,
    pub(super) status: Option<Status>,
    pub(super) priority: Option<Priority>,
    pub(super) assignee: Option<String>,
}

/// A new comment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewComment {
    pub(super) text: String,
    #[serde(default)]
    pub(super) internal: bool,
}

impl Desk {
    pub(super) fn with_sample_data() -> Self {
        let tickets = tickets();
        let next_id = tickets.iter().map(|ticket| ticket.id + 1).max().unwrap_or(1);
        Self { state: Mutex::new(State { tickets, next_id }) }
    }

    /// One page of the tickets that fit, and how many fit in all.
    pub(super) fn search(&self, query: &TicketQuery) -> (Vec<Ticket>, usize) {
        let state = self.lock();
        let text = query.text.as_deref().map(str::to_lowercase);
        let fits = |ticket: &&Ticket| {
            query.status.is_none_or(|status| ticket.status == status)
                && query.priority.is_none_or(|priority| ticket.priority == priority)
                && query.customer_id.is_none_or(|customer| ticket.customer_id == customer)
                && text
                    .as_ref()
                    .is_none_or(|text| contains(&ticket.subject, text) || contains(&ticket.description, text))
        };
        let found: Vec<_> = state.tickets.iter().filter(fits).collect();
        let size = query.page_size.unwrap_or(25).clamp(1, 100);
        let skip = query.page.unwrap_or(1).saturating_sub(1).saturating_mul(size);
        (found.iter().skip(skip).take(size).map(|ticket| (*ticket).clone()).collect(), found.len())
    }

    pub(super) fn get(&self, id: u32) -> Result<Ticket, DeskError> {
        self.lock().ticket(id).map(|ticket| ticket.clone())
    }

    pub(super) fn create(&self, new: NewTicket) -> Result<Ticket, DeskError> {
        if !CUSTOMERS.iter().any(|customer| customer.id == new.customer_id) {
            return Err(DeskError::Invalid("customer_id: there is no such customer"));
        }
        let has_device =
            |id| DEVICES.iter().any(|device| device.id == id && device.customer_id == new.customer_id);
        if new.device_id.is_some_and(|id| !has_device(id)) {
            return Err(DeskError::Invalid("device_id: this customer has no such device"));
        }
        let subject = checked(new.subject)?;
        if new.description.chars().count() > MAX_TEXT {
            return Err(DeskError::Invalid("description: at most 4000 characters"));
        }
        let mut state = self.lock();
        if state.tickets.len() >= MAX_TICKETS {
            return Err(DeskError::Full);
        }
        let ticket = Ticket {
            id: state.next_id,
            customer_id: new.customer_id,
            subject,
            description: new.description,
            status: Status::New,
            priority: new.priority.unwrap_or(Priority::Normal),
            assignee: None,
            device_id: new.device_id,
            comments: Vec::new(),
        };
        state.next_id += 1;
        state.tickets.push(ticket.clone());
        Ok(ticket)
    }

    pub(super) fn update(&self, id: u32, change: TicketChange) -> Result<Ticket, DeskError> {
        let subject = change.subject.map(checked).transpose()?;
        let assignee = change.assignee.map(checked).transpose()?;
        let mut state = self.lock();
        let ticket = state.ticket(id)?;
        if let Some(subject) = subject {
            ticket.subject = subject;
        }
        ticket.status = change.status.unwrap_or(ticket.status);
        ticket.priority = change.priority.unwrap_or(ticket.priority);
        if assignee.is_some() {
            ticket.assignee = assignee;
        }
        Ok(ticket.clone())
    }

    pub(super) fn comment(&self, id: u32, new: NewComment) -> Result<Comment, DeskError> {
        let comment =
            Comment { author: "Claude".to_owned(), text: checked(new.text)?, internal: new.internal };
        let mut state = self.lock();
        let ticket = state.ticket(id)?;
        if ticket.comments.len() >= MAX_COMMENTS {
            return Err(DeskError::Full);
        }
        ticket.comments.push(comment.clone());
        Ok(comment)
    }

    pub(super) fn delete(&self, id: u32) -> Result<(), DeskError> {
        let mut state = self.lock();
        state.ticket(id)?;
        state.tickets.retain(|ticket| ticket.id != id);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock; if it ever did, each ticket would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn ticket(&mut self, id: u32) -> Result<&mut Ticket, DeskError> {
        self.tickets.iter_mut().find(|ticket| ticket.id == id).ok_or(DeskError::NotFound("ticket"))
    }
}

/// Whether a text contains another, given in lower case.
pub(super) fn contains(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}

fn checked(text: String) -> Result<String, DeskError> {
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(DeskError::Invalid("a text must not be empty")),
        length if length > MAX_TEXT => Err(DeskError::Invalid("a text has at most 4000 characters")),
        _ => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(customer_id: u32, subject: &str) -> NewTicket {
        NewTicket {
            customer_id,
            subject: subject.into(),
            description: String::new(),
            priority: None,
            device_id: None,
        }
    }

    #[test]
    fn searches_and_pages() {
        let desk = Desk::with_sample_data();
        let by_text = TicketQuery { text: Some("BACKUP".into()), ..TicketQuery::default() };
        assert_eq!(desk.search(&by_text).1, 1);
        let second_page = TicketQuery { page: Some(2), page_size: Some(6), ..TicketQuery::default() };
        let (page, total) = desk.search(&second_page);
        assert_eq!((page.len(), total), (4, 10));
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        let desk = Desk::with_sample_data();
        assert!(matches!(desk.create(new(99, "x")), Err(DeskError::Invalid(_))));
        assert!(matches!(desk.create(new(1, " ")), Err(DeskError::Invalid(_))));
        assert!(matches!(
            desk.create(NewTicket { device_id: Some(21), ..new(1, "x") }),
            Err(DeskError::Invalid(_))
        ));
        assert!(matches!(desk.get(1), Err(DeskError::NotFound(_))));
    }

    #[test]
    fn is_bounded() {
        let desk = Desk::with_sample_data();
        let created = (0..MAX_TICKETS).filter(|_| desk.create(new(1, "again")).is_ok()).count();
        assert_eq!(created, MAX_TICKETS - 10);
        desk.delete(1001).unwrap();
        assert!(desk.create(new(1, "one more")).is_ok());
    }
}
