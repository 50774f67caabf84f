//! Events as text, and what the listener of `PostgreSQL` survives.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
};

use super::*;

#[test]
fn events_survive_the_wire() {
    for topic in Topic::ALL {
        let event = Event::Changed(topic, Uuid::from_u128(7));
        assert_eq!(event.to_string().parse(), Ok(event));
    }
    assert_eq!("unknown 0".parse::<Event>(), Err(()));
}

/// A firewall that forgets a connection does not close it: both ends stay open, and nothing arrives.
#[tokio::test]
async fn postgres_only_a_connection_that_fell_silent_is_found_out() {
    let url = std::env::var("GATEWAY_TEST_POSTGRES_URL").expect("GATEWAY_TEST_POSTGRES_URL names the server");
    let (is_silent, silence) = watch::channel(false);
    let by_proxy = proxy(&url, silence).await;
    let patience = Patience {
        reconnect_after: Duration::from_millis(10),
        ask_every: Duration::from_millis(100),
        answer_within: Duration::from_secs(1),
    };
    let (sender, mut events) = broadcast::channel(100);
    let listener = tokio::spawn(listen(by_proxy, sender, patience));
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let [before, meanwhile, after] = [1, 2, 3].map(|id| Event::Changed(Topic::Grant, Uuid::from_u128(id)));
    assert_eq!(heard(&mut events, &client, before).await, before);
    is_silent.send_replace(true);
    notify(&client, meanwhile).await;
    assert_eq!(next(&mut events).await, Event::Everything, "what happened is not known");
    is_silent.send_replace(false);
    assert_eq!(heard(&mut events, &client, after).await, after, "it listens again");
    listener.abort();
}

/// Says this at each beginning and end of listening; what is heard of it.
async fn heard(events: &mut broadcast::Receiver<Event>, client: &Client, event: Event) -> Event {
    loop {
        match next(events).await {
            Event::Everything => notify(client, event).await,
            heard @ Event::Changed(..) => return heard,
        }
    }
}

async fn notify(client: &Client, event: Event) {
    client.batch_execute(&format!("NOTIFY {CHANNEL}, '{event}'")).await.unwrap();
}

async fn next(events: &mut broadcast::Receiver<Event>) -> Event {
    tokio::time::timeout(Duration::from_secs(20), events.recv()).await.expect("somebody notices").unwrap()
}

/// The URL of a proxy in front of the server of this URL (`postgres://NAME:PASSWORD@HOST:PORT/DATABASE`). While there is
/// silence it takes what both sides say, and hands nothing on.
async fn proxy(url: &str, silence: watch::Receiver<bool>) -> String {
    let (before, rest) = url.split_once('@').unwrap();
    let (server, database) = rest.split_once('/').unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("{before}@{}/{database}", listener.local_addr().unwrap());
    let server = server.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = TcpStream::connect(&server).await.unwrap().into_split();
            tokio::spawn(hand_on(from_client, to_server, silence.clone()));
            tokio::spawn(hand_on(from_server, to_client, silence.clone()));
        }
    });
    url
}

async fn hand_on(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, silence: watch::Receiver<bool>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if !*silence.borrow() && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
