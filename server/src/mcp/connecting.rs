//! Asking a person to connect a vendor, when their app calls a tool of one that is not connected: by an elicitation with a
//! URL (MCP 2026-07-28, multi round-trip requests and elicitation; in 2025-11-25 by the error -32042), else in words.
//!
//! Two things come back from outside and are believed only if their seal holds: the ticket in the URL, and the
//! `requestState` that the client repeats. Neither contains anything but its expiry: whom it is for and what about is part
//! of what is sealed, and must be known to whoever opens it. So the URL names nobody, lets nobody in, and works only in
//! the browser of the very person whose app was told it.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_api::{ids::UserId, paths};
use gateway_store::Timestamp;
use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ErrorCode, ErrorData, InputRequest, InputRequests,
    InputRequiredResult, InputResponses, JsonObject, RequestStateCodec, RequestStateError, SealOptions,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::{oauth::bearer::Caller, state::AppState, vendors::Vendor};

/// How long a person may take to open the link, and a client to come back.
const LIFETIME: Duration = Duration::from_mins(15);
/// The key of the one request that an answer makes.
const REQUEST: &str = "connect";
/// `URLElicitationRequiredError` (MCP 2025-11-25, client/elicitation); it must not be sent in the modern era.
const URL_ELICITATION_REQUIRED: ErrorCode = ErrorCode(-32042);
/// The parameter of the link with the ticket.
pub(super) const TICKET: &str = "ticket";

/// How the client of a call can be asked to send its user to a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elicitation {
    /// By an `input_required` result.
    InputRequired,
    /// By an error, as in 2025-11-25.
    Error,
    /// Not at all.
    None,
}

/// What a client sends when it comes back.
#[derive(Debug, Default)]
pub(super) struct Retry {
    /// `requestState`.
    pub state: Option<String>,
    /// `inputResponses`.
    pub responses: Option<InputResponses>,
}

impl Retry {
    /// What the person said to being sent to the page.
    pub(super) fn is_declined(&self) -> bool {
        let answer = self.responses.as_ref().and_then(|responses| responses.get(REQUEST));
        answer.and_then(|answer| answer["action"].as_str()).is_some_and(|action| action != "accept")
    }
}

/// Seals and opens tickets and request states.
pub(super) struct Seals(RequestStateCodec);

impl Seals {
    /// With these keys, the same on all replicas; the first one seals.
    pub(super) fn new(keys: Vec<(String, Zeroizing<[u8; 32]>)>) -> Result<Self, RequestStateError> {
        let newest = keys.first().map(|(id, _)| id.clone()).unwrap_or_default();
        let keys = keys.into_iter().map(|(id, key)| (id, key.to_vec()));
        RequestStateCodec::new_with_keyring(newest, keys).map(Self)
    }

    /// Seals what it is about, for a while.
    pub(super) fn seal(&self, about: &str, now: Timestamp) -> String {
        let expiry = now.plus(LIFETIME).micros().to_be_bytes();
        self.0.seal_with(&expiry, &SealOptions::new().associated_data(about.as_bytes()))
    }

    /// Whether `sealed` was sealed for this, and not too long ago.
    pub(super) fn holds(&self, sealed: &str, about: &str, now: Timestamp) -> bool {
        let opened = self.0.open_with(sealed, about.as_bytes()).ok();
        let expiry = opened.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
        expiry.is_some_and(|expiry| expiry > now.micros())
    }

    /// Whether a link's ticket is for this person and vendor, and not too old.
    pub(super) fn is_ticket(&self, ticket: &str, user: UserId, vendor: &str, now: Timestamp) -> bool {
        self.holds(ticket, &about_link(user, vendor), now)
    }
}

/// A tool call that may have to wait for a connection.
pub(super) struct Waiting<'a> {
    /// Everything.
    pub state: &'a AppState,
    /// Who calls.
    pub caller: &'a Caller,
    /// The tool's full name.
    pub tool: &'a str,
    /// The call's arguments.
    pub arguments: &'a JsonObject,
}

impl Waiting<'_> {
    /// Whether `state` is what was sealed for this very call of this very app.
    pub(super) fn is_state(&self, state: &str) -> bool {
        self.state.mcp.seals.holds(state, &self.about(), self.state.clock.now())
    }

    /// The result that asks the client to send its user to the form.
    pub(super) fn input_required(&self, vendor: &Vendor, user: UserId) -> InputRequiredResult {
        let params = ElicitRequestParams::UrlElicitationParams {
            meta: None,
            message: message(vendor),
            url: self.link(vendor, user),
            elicitation_id: self.state.clock.new_uuid().to_string(),
        };
        let request = InputRequest::Elicitation(ElicitRequest::new(params));
        let state = self.state.mcp.seals.seal(&self.about(), self.state.clock.now());
        InputRequiredResult::new(Some(InputRequests::from([(REQUEST.to_owned(), request)])), Some(state))
    }

    /// The error that does so in 2025-11-25.
    pub(super) fn error(&self, vendor: &Vendor, user: UserId) -> ErrorData {
        let elicitation = json!({
            "mode": "url",
            "message": message(vendor),
            "url": self.link(vendor, user),
            "elicitationId": self.state.clock.new_uuid().to_string(),
        });
        let data = json!({ "elicitations": [elicitation] });
        ErrorData::new(URL_ELICITATION_REQUIRED, format!("{} is not connected yet.", vendor.name), Some(data))
    }

    /// The page that checks the ticket and opens the form.
    fn link(&self, vendor: &Vendor, user: UserId) -> String {
        let about = about_link(user, &vendor.slug);
        let ticket = self.state.mcp.seals.seal(&about, self.state.clock.now());
        let path = paths::fill(paths::CONNECT_VENDOR, &[&vendor.slug]);
        let mut url = format!("{}{path}?{TICKET}=", self.state.config.public_url);
        paths::encode(&ticket, &mut url);
        url
    }

    /// The app, with its person, and the whole request. A client may write the arguments in another order.
    fn about(&self) -> String {
        let mut arguments = Value::Object(self.arguments.clone());
        arguments.sort_all_objects();
        let request = json!(["tools/call", self.tool, arguments]).to_string();
        let digest = Sha256::digest(request.as_bytes());
        let digest = URL_SAFE_NO_PAD.encode(digest);
        format!("call {} {digest}", self.caller.grant_id)
    }
}

fn about_link(user: UserId, vendor: &str) -> String {
    format!("link {user} {vendor}")
}

fn message(vendor: &Vendor) -> String {
    format!(
        "{name} is not connected to your account yet. Connect it on the gateway's own page: neither this app nor the \
         model sees what you type there.",
        name = vendor.name
    )
}

/// What the model is told if its client cannot ask.
pub(super) fn not_connected(vendor: &Vendor, settings_url: &str) -> String {
    format!(
        "{} is not connected: nothing was sent. Ask the user to connect it at {settings_url}?connect={} and then call \
         again.",
        vendor.name, vendor.slug
    )
}

/// What the model is told if the person did not, or has not done so yet.
pub(super) fn still_not_connected(vendor: &Vendor, retry: &Retry, settings_url: &str) -> String {
    let why = if retry.is_declined() {
        "The user chose not to connect it now."
    } else {
        "Wait until the user has."
    };
    format!(
        "{} is not connected yet: nothing was sent. {why} It can be connected at {settings_url}?connect={}; then call \
         again.",
        vendor.name, vendor.slug
    )
}

#[cfg(test)]
mod tests {
    use gateway_api::ids::Id;
    use uuid::Uuid;

    use super::*;

    fn seals(ids: &[(&str, u8)]) -> Seals {
        let keys = ids.iter().map(|(id, byte)| ((*id).to_owned(), Zeroizing::new([*byte; 32]))).collect();
        Seals::new(keys).unwrap()
    }

    #[test]
    fn a_seal_holds_for_what_it_is_about_and_for_a_while() {
        let (seals, now) = (seals(&[("k1", 1)]), Timestamp::from_micros(1_800_000_000_000_000));
        let sealed = seals.seal("this", now);
        assert!(seals.holds(&sealed, "this", now));
        assert!(!seals.holds(&sealed, "that", now));
        assert!(seals.holds(&sealed, "this", now.plus(Duration::from_secs(14 * 60))));
        assert!(!seals.holds(&sealed, "this", now.plus(LIFETIME)));
        for wrong in ["", "x", &sealed[1..], &format!("{sealed}A"), &sealed.replace('.', "")] {
            assert!(!seals.holds(wrong, "this", now), "{wrong}");
        }
    }

    #[test]
    fn every_key_opens_and_a_foreign_one_does_not() {
        let now = Timestamp::from_micros(0);
        let sealed = seals(&[("k1", 1)]).seal("this", now);
        assert!(seals(&[("k2", 2), ("k1", 1)]).holds(&sealed, "this", now));
        assert!(!seals(&[("k1", 3)]).holds(&sealed, "this", now));
        assert!(!seals(&[("k2", 2)]).holds(&sealed, "this", now));
    }

    #[test]
    fn a_ticket_is_for_one_person_and_one_vendor() {
        let (seals, now) = (seals(&[("k1", 1)]), Timestamp::from_micros(0));
        let user = |number| Id::from_uuid(Uuid::from_u128(number));
        let ticket = seals.seal(&about_link(user(1), "itglue"), now);
        assert!(seals.is_ticket(&ticket, user(1), "itglue", now));
        assert!(!seals.is_ticket(&ticket, user(2), "itglue", now));
        assert!(!seals.is_ticket(&ticket, user(1), "autotask", now));
    }

    #[test]
    fn what_the_person_said_is_read() {
        let said = |answer: Value| Retry {
            state: None,
            responses: Some(InputResponses::from([(REQUEST.to_owned(), answer)])),
        };
        assert!(!Retry::default().is_declined());
        assert!(!said(json!({"action": "accept"})).is_declined());
        assert!(said(json!({"action": "decline"})).is_declined());
        assert!(!said(json!(1)).is_declined());
    }
}
