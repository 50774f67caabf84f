//! The walk: every step in its order, and who signs in when it comes to that.
//!
//! It pauses where a person signs in ([`Walk::begin`]). Then either nobody does ([`Walk::go_on_alone`]), or whoever runs the
//! walk asks the person what [`Walk::request`] says, and brings the answer ([`Walk::go_on`]). What was found stays in the
//! walk, so that it can be told of whenever it ends.

use gateway_api::connect::ConnectionCheck;
use secrecy::SecretString;

use super::{
    BEFORE_REVOCATION, BEFORE_TOKEN, STEPS, Target,
    authorization::{self, Request},
    contact,
    finding::{Finding, Steps},
    metadata::{self, Server},
    probe::Probe,
    protocol,
    token::{self, Consent, Tokens},
};
use crate::clock::Clock;

/// A client on its way.
#[expect(missing_debug_implementations, reason = "it holds what proves who asked")]
pub struct Walk {
    probe: Probe,
    target: Target,
    steps: Steps,
    server: Option<Server>,
    request: Option<Request>,
    /// What was found at the page where a person signs in: told of when it is known what they answered.
    page: Option<Result<Finding, Finding>>,
}

impl Walk {
    /// Before the first step.
    ///
    /// # Errors
    /// There is no TLS on this computer to ask with.
    pub fn new(target: Target) -> Result<Self, reqwest::Error> {
        let probe = Probe::new()?;
        Ok(Self { probe, target, steps: Steps::default(), server: None, request: None, page: None })
    }

    /// The steps up to the page where a person signs in; none if the rest cannot be tried. Answers are to come to
    /// `redirect_uri`. The clock is compared with the gateway's, where there is one.
    pub async fn begin(&mut self, redirect_uri: &str, clock: Option<&Clock>) -> Option<()> {
        let Self { probe, target, steps, .. } = self;
        let first = steps.add(contact::reach(probe, target, clock).await)?;
        steps.add(contact::challenge(target, &first))?;
        let header = contact::authorization_header(probe, target).await;
        steps.add(header);
        let issuer = steps.add(metadata::protected_resource(probe, target, &first).await)?;
        let server = steps.add(metadata::authorization_server(probe, target, &issuer).await)?;
        if let Some(client) = steps.add(authorization::register(probe, &server, redirect_uri).await) {
            let request = self.request.insert(Request::new(target, &server, client, redirect_uri));
            steps.add(authorization::pkce(probe, target, request).await);
            let page = authorization::sign_in_page(probe, target, request).await;
            self.page = Some(page.map(|(finding, waiting)| {
                request.waiting = waiting;
                finding
            }));
        }
        self.server = Some(server);
        Some(())
    }

    /// What the person is asked, if the walk came to the page where they sign in.
    pub fn request(&self) -> Option<&Request> {
        self.request.as_ref().filter(|_| matches!(self.page, Some(Ok(_))))
    }

    /// The id of the client that registered.
    pub fn client(&self) -> Option<&str> {
        self.request.as_ref().map(Request::client)
    }

    /// The rest of the way without a person: with a token that somebody has brought, or as far as it goes without.
    pub async fn go_on_alone(&mut self, token: Option<&SecretString>) {
        if let Some(page) = self.page.take() {
            self.steps.add(page.map(|finding| (finding, ())));
        }
        if let (Some(server), Some(request)) = (&self.server, &self.request) {
            let found = token::refuses_wrong_code(&self.probe, server, request).await;
            self.steps.add(found.map(|finding| (finding, ())));
        }
        self.steps.skip_to(BEFORE_TOKEN, "It needs a registered client.");
        match token {
            Some(token) => self.use_token(token).await,
            None => self.steps.skip_to(
                BEFORE_REVOCATION,
                "It needs an access token, which a client gets when somebody signs in. Sign in for this test \
                 (--sign-in), or bring a token (--token).",
            ),
        }
        self.give_back(None).await;
    }

    /// The rest of the way, with what the person answered to [`Walk::request`]; without one, if they could not be asked. The
    /// token is given back at the end.
    pub async fn go_on(&mut self, consent: Option<Consent>) {
        let tokens = self.sign_in(consent).await;
        if let Some(tokens) = &tokens {
            self.use_token(&tokens.access).await;
        } else {
            self.steps.skip_to(BEFORE_REVOCATION, "It needs an access token, and there is none.");
        }
        self.give_back(tokens.as_ref()).await;
    }

    /// There is no time for another step.
    pub fn give_up(&mut self) {
        if !self.steps.is_complete() {
            self.steps.add::<()>(Err(Finding::failed(
                "There was no answer in time.",
                "The steps before are slow, or this one hangs: look for what makes the gateway or its reverse proxy wait.",
            )));
            self.steps.skip_to(STEPS.len(), "There was no time left for it.");
        }
    }

    /// What was found.
    pub fn into_check(self) -> ConnectionCheck {
        self.steps.into_check(self.target.mcp.as_str())
    }

    async fn sign_in(&mut self, consent: Option<Consent>) -> Option<Tokens> {
        let (Some(server), Some(request)) = (&self.server, &self.request) else {
            self.steps.skip_to(BEFORE_TOKEN, "It needs a registered client.");
            return None;
        };
        let code = match (self.page.take()?, consent) {
            (Ok(page), Some(consent)) => token::read(consent, request, &server.issuer).map(|code| {
                (page.followed_by("This time it was allowed, and the client has its code."), code)
            }),
            (Ok(page) | Err(page), _) => Err(page),
        };
        let Some(code) = self.steps.add(code) else {
            self.steps.skip_to(BEFORE_TOKEN, "It needs somebody's consent, and there is none.");
            return None;
        };
        self.steps.add(token::exchange(&self.probe, server, request, &code).await)
    }

    async fn use_token(&mut self, token: &SecretString) {
        let Self { probe, target, steps, .. } = self;
        if steps.add(protocol::discover(probe, target, token).await).is_some() {
            steps.add(protocol::initialize(probe, target, token).await);
            steps.add(protocol::list_tools(probe, target, token).await);
            steps.add(protocol::streams(probe, target, token).await);
        }
        steps.skip_to(BEFORE_REVOCATION, "It needs what went wrong before.");
    }

    async fn give_back(&mut self, tokens: Option<&Tokens>) {
        match (&self.server, &self.request) {
            (Some(server), Some(request)) => {
                let found = token::give_back(&self.probe, &self.target, server, request, tokens).await;
                self.steps.add(Ok((found, ())));
            }
            _ => self.steps.skip_to(STEPS.len(), "It needs a registered client."),
        }
    }
}

#[cfg(test)]
mod tests {
    use gateway_api::connect::CheckOutcome;

    use super::*;

    #[test]
    fn a_walk_that_takes_too_long_is_no_good_one() {
        let mut walk = Walk::new(Target::new("https://g.example".parse().unwrap()).unwrap()).unwrap();
        walk.steps.add(Ok((Finding::passed("It answers."), ())));
        walk.give_up();
        let check = walk.into_check();
        assert!(!check.is_good);
        assert_eq!(
            (check.steps[1].outcome, check.steps[2].outcome),
            (CheckOutcome::Failed, CheckOutcome::Skipped)
        );

        let mut walk = Walk::new(Target::new("https://g.example".parse().unwrap()).unwrap()).unwrap();
        walk.steps.skip_to(STEPS.len(), "Not this time.");
        walk.give_up();
        assert!(walk.into_check().is_good, "it had come to its end");
    }
}
