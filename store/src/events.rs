//! What changed, told to every cache of every replica.
//!
//! A cache keeps what it read until an event names it. On `SQLite` there is one process, so a broadcast channel is
//! enough; on `PostgreSQL` the same events travel by `LISTEN`/`NOTIFY`. An event carries a topic and an id, never
//! data: who hears it reads again.

use std::{fmt, str::FromStr, time::Duration};

use futures::StreamExt as _;
use tokio::sync::broadcast;
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

/// The `PostgreSQL` notification channel.
pub(crate) const CHANNEL: &str = "mcp_gateway";
/// How long a listener that lost its connection waits before the next try.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// One thing.
    Changed(Topic, Uuid),
    /// Anything may have changed: events were lost. Every cache must be emptied.
    Everything,
}

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A grant was revoked or narrowed, or a service client deleted. The id is the grant's or the service client's.
    Grant,
    /// The connections of a person, sub-team or organization. The id is the owner's.
    Connections,
    /// A person's account, sessions or memberships. The id is the user's.
    User,
    /// An organization's plan, name or members. The id is the organization's.
    Organization,
}

impl Topic {
    const ALL: [Self; 4] = [Self::Grant, Self::Connections, Self::User, Self::Organization];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Connections => "connections",
            Self::User => "user",
            Self::Organization => "organization",
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(topic, id) => write!(f, "{} {id}", topic.as_str()),
            Self::Everything => f.write_str("everything"),
        }
    }
}

impl FromStr for Event {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (topic, id) = text.split_once(' ').ok_or(())?;
        let topic = Topic::ALL.into_iter().find(|known| known.as_str() == topic).ok_or(())?;
        Ok(Self::Changed(topic, id.parse().map_err(|_| ())?))
    }
}

/// Forwards what `PostgreSQL` notifies to this process's channel, as long as somebody may listen.
pub(crate) async fn listen(url: String, sender: broadcast::Sender<Event>) {
    loop {
        if let Err(error) = forward(&url, &sender).await {
            tracing::warn!(%error, "lost the notifications of PostgreSQL, connecting again");
        }
        // What happened in the meantime is not known.
        let _ = sender.send(Event::Everything);
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

async fn forward(url: &str, sender: &broadcast::Sender<Event>) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let mut messages = futures::stream::poll_fn(move |context| connection.poll_message(context));
    let statement = format!("LISTEN {CHANNEL}");
    let listening = client.batch_execute(&statement);
    tokio::pin!(listening);
    let mut is_listening = false;
    loop {
        tokio::select! {
            result = &mut listening, if !is_listening => {
                result?;
                is_listening = true;
                // Changes between the start of this process and this moment were not heard.
                let _ = sender.send(Event::Everything);
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(notification))) => {
                    // A newer replica may speak of topics that this version does not know.
                    let event = notification.payload().parse().unwrap_or(Event::Everything);
                    let _ = sender.send(event);
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Ok(()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_the_wire() {
        for topic in Topic::ALL {
            let event = Event::Changed(topic, Uuid::from_u128(7));
            assert_eq!(event.to_string().parse(), Ok(event));
        }
        assert_eq!("unknown 0".parse::<Event>(), Err(()));
    }
}
