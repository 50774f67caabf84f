//! What changed, told to every cache of every replica.
//!
//! A cache keeps what it read until an event names it. On `SQLite` there is one process, so a broadcast channel is
//! enough; on `PostgreSQL` the same events travel by `LISTEN`/`NOTIFY`. An event carries a topic and an id, never
//! data: who hears it reads again. A connection that fell silent is found out by asking ([`PATIENCE`]).

use std::{convert::Infallible, fmt, str::FromStr, time::Duration};

use futures::StreamExt as _;
use tokio::sync::broadcast;
use tokio_postgres::{AsyncMessage, Client};
use uuid::Uuid;

/// The `PostgreSQL` notification channel.
pub(crate) const CHANNEL: &str = "mcp_gateway";
/// What a listener of a running gateway has.
pub(crate) const PATIENCE: Patience = Patience {
    reconnect_after: Duration::from_secs(1),
    ask_every: Duration::from_secs(10),
    answer_within: Duration::from_secs(5),
};

/// How long a listener waits for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Before the next try, when the connection is lost.
    reconnect_after: Duration,
    /// Before asking again whether the connection still stands: who only listens does not notice that the other end is gone.
    ask_every: Duration,
    /// For an answer; then the connection is given up.
    answer_within: Duration,
}

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
pub(crate) async fn listen(url: String, sender: broadcast::Sender<Event>, patience: Patience) {
    loop {
        let Err(error) = forward(&url, &sender, patience).await;
        tracing::warn!(%error, "lost the notifications of PostgreSQL, connecting again");
        // What happened in the meantime is not known.
        let _ = sender.send(Event::Everything);
        tokio::time::sleep(patience.reconnect_after).await;
    }
}

/// Why notifications do not come any longer.
#[derive(Debug, thiserror::Error)]
enum ListenError {
    /// The connection is broken, and says so.
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    /// The connection is broken, and nobody says so: its other end is gone, or a firewall has forgotten it.
    #[error("no answer within {0:?}")]
    Silent(Duration),
    /// The server ended it.
    #[error("the connection was closed")]
    Closed,
}

async fn forward(
    url: &str,
    sender: &broadcast::Sender<Event>,
    patience: Patience,
) -> Result<Infallible, ListenError> {
    let (client, mut connection) =
        patience.answer(tokio_postgres::connect(url, tokio_postgres::NoTls)).await?;
    let mut messages = futures::stream::poll_fn(move |context| connection.poll_message(context));
    // Reading the messages also sends what the client asks, and brings the answers.
    let hearing = async {
        while let Some(message) = messages.next().await {
            if let AsyncMessage::Notification(notification) = message? {
                // A newer replica may speak of topics that this version does not know.
                let event = notification.payload().parse().unwrap_or(Event::Everything);
                let _ = sender.send(event);
            }
        }
        Err(ListenError::Closed)
    };
    tokio::select! {
        ended = hearing => ended,
        ended = keep_listening(&client, sender, patience) => ended,
    }
}

/// Asks for the notifications, and then, again and again, whether the connection still stands.
async fn keep_listening(
    client: &Client,
    sender: &broadcast::Sender<Event>,
    patience: Patience,
) -> Result<Infallible, ListenError> {
    patience.answer(client.batch_execute(&format!("LISTEN {CHANNEL}"))).await?;
    // Changes between the start of this process and this moment were not heard.
    let _ = sender.send(Event::Everything);
    loop {
        tokio::time::sleep(patience.ask_every).await;
        patience.answer(client.batch_execute("SELECT 1")).await?;
    }
}

impl Patience {
    async fn answer<T>(
        self,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, ListenError> {
        let answer = tokio::time::timeout(self.answer_within, asked).await;
        Ok(answer.map_err(|_| ListenError::Silent(self.answer_within))??)
    }
}

#[cfg(test)]
mod tests;
