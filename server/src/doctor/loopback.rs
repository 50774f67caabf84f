//! Where a person's browser comes back to after they signed in: a free port of this computer (RFC 8252 section 7.3), for one
//! answer.

use std::{io, time::Duration};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Html,
    routing::get,
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::token::{Consent, Unanswered};

/// The path that browsers come back to.
const PATH: &str = "/callback";
/// How long a browser may take to fetch the page that thanks it.
const LAST_PAGE: Duration = Duration::from_secs(2);
/// The empty picture keeps the browser from asking for one when nobody listens any more.
const THANKS: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<link rel=\"icon\" href=\"data:,\">\n\
                      <title>Connection doctor</title>\n\
                      <p>Thank you. The test goes on in the terminal; you can close this page.</p>\n</html>\n";
const NO_ANSWER: &str =
    "<!doctype html>\n<title>Connection doctor</title>\n<p>This is no answer to what was asked.</p>\n";

/// A port that waits for a browser.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect_uri: String,
}

#[derive(Clone)]
struct Waiting {
    redirect_uri: String,
    state: String,
    answers: mpsc::Sender<Url>,
}

type Page = (StatusCode, [(HeaderName, HeaderValue); 2], Html<&'static str>);

impl Loopback {
    /// Listens on a free port.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let redirect_uri = format!("http://{}{PATH}", listener.local_addr()?);
        Ok(Self { listener, redirect_uri })
    }

    /// What a client registers.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the answer with this `state`; others are no answers.
    pub async fn answer(self, state: &str, patience: Duration) -> Consent {
        let (answers, mut answered) = mpsc::channel(1);
        let waiting = Waiting { redirect_uri: self.redirect_uri, state: state.to_owned(), answers };
        let router = Router::new().route(PATH, get(receive)).with_state(waiting);
        let stop = CancellationToken::new();
        let served =
            axum::serve(self.listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
        let serving = tokio::spawn(served.into_future());
        let answer = tokio::time::timeout(patience, answered.recv()).await;
        stop.cancel();
        let _ = tokio::time::timeout(LAST_PAGE, serving).await;
        answer.ok().flatten().ok_or_else(|| Unanswered {
            what: format!("Nobody allowed it within {} seconds.", patience.as_secs()),
            advice: "Try again, open the address in a browser on this computer, sign in there, and press Allow. A browser \
                     on another computer cannot come back to this one."
                .to_owned(),
        })
    }
}

async fn receive(State(waiting): State<Waiting>, RawQuery(query): RawQuery) -> Page {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    let url = Url::parse(&format!("{}?{}", waiting.redirect_uri, query.unwrap_or_default()));
    let answer = url.ok().filter(|url| {
        url.query_pairs().any(|(name, value)| name == "state" && value == waiting.state.as_str())
    });
    match answer.map(|url| waiting.answers.try_send(url)) {
        Some(_) => (StatusCode::OK, headers, Html(THANKS)),
        None => (StatusCode::BAD_REQUEST, headers, Html(NO_ANSWER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a browser would ask for.
    async fn visit(url: String) -> u16 {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        http.get(url).send().await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn only_the_answer_to_the_question_counts() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = Loopback::open().await.unwrap();
        let uri = loopback.redirect_uri().to_owned();
        let waiting = tokio::spawn(async move { loopback.answer("s1", Duration::from_secs(60)).await });
        assert_eq!(visit(format!("{uri}?state=s2&code=foreign")).await, 400);
        assert_eq!(visit(uri.clone()).await, 400);
        assert_eq!(visit(format!("{uri}?state=s1&code=mine")).await, 200);
        assert_eq!(waiting.await.unwrap().unwrap().as_str(), format!("{uri}?state=s1&code=mine"));
    }

    #[tokio::test]
    async fn nobody_is_waited_for_without_end() {
        let loopback = Loopback::open().await.unwrap();
        let unanswered = loopback.answer("s1", Duration::ZERO).await.unwrap_err();
        assert!(unanswered.what.contains("within 0 seconds"), "{}", unanswered.what);
    }
}
