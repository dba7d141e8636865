//! Sessions: a bearer token in memory, opened again when it has run out.

use std::cell::RefCell;

use subrosa_wire::api::{Challenge, Code, OpenSession, Principal, SessionClaim, SessionOpened};
use zeroize::Zeroizing;

use crate::api::{self, Ask};
use crate::error::{Error, Result};
use crate::platform::{Host, HttpResponse, Transport};
use rand_core::Rng;

/// Signs what it is given, which begins with its label.
pub(crate) type Sign<'a> = &'a dyn Fn(&[u8]) -> [u8; 64];

/// Opens a session for `principal`; `sign` signs with its key.
pub(crate) async fn open<P: Transport + Host>(
    platform: &P,
    principal: Principal,
    sign: Sign<'_>,
) -> Result<Zeroizing<String>> {
    match answer_challenge(platform, principal, sign).await {
        // The server was restarted in between: it says so, and knows the next one.
        Err(Error::Refused(Code::Challenge)) => answer_challenge(platform, principal, sign).await,
        other => other,
    }
}

async fn answer_challenge<P: Transport + Host>(
    platform: &P,
    principal: Principal,
    sign: Sign<'_>,
) -> Result<Zeroizing<String>> {
    let challenge = api::send(platform, None, &api::challenge()).await?;
    let challenge: Challenge = api::reply(&challenge)?;
    let mut client_nonce = [0; 32];
    platform.rng().fill_bytes(&mut client_nonce);
    // The origin is the one dialled, never one that was received: a server in between cannot use
    // the signature elsewhere.
    let claim = SessionClaim {
        principal,
        server_nonce: challenge.nonce,
        client_nonce,
        origin: platform.origin(),
    };
    let signature = sign(&claim.to_sign());
    let open = api::open_session(&OpenSession { claim, signature });
    let opened: SessionOpened = api::reply(&api::send(platform, None, &open).await?)?;
    Ok(Zeroizing::new(opened.token))
}

/// A member's session, or a link's.
pub(crate) struct MemberSession {
    principal: Principal,
    token: RefCell<Option<Zeroizing<String>>>,
}

impl MemberSession {
    pub(crate) fn new(principal: Principal) -> Self {
        MemberSession { principal, token: RefCell::new(None) }
    }

    /// Sends a request in the session, for a reply of any status but 401.
    pub(crate) async fn send<P: Transport + Host>(
        &self,
        platform: &P,
        sign: Sign<'_>,
        ask: &Ask,
    ) -> Result<HttpResponse> {
        let send = async |token: &str| {
            let response = api::send(platform, Some(token), ask).await?;
            let unauthorized = response.status == Code::Unauthorized.status();
            if unauthorized { Err(api::refusal(&response)) } else { Ok(response) }
        };
        self.call(platform, sign, send).await
    }

    /// Makes a call with the session's token; with a new one if the old one has run out.
    pub(crate) async fn call<P: Transport + Host, T>(
        &self,
        platform: &P,
        sign: Sign<'_>,
        call: impl AsyncFn(&str) -> Result<T>,
    ) -> Result<T> {
        let mut token = self.token.borrow().clone();
        // One that is known may have run out; one that is new, a restarted server has forgotten.
        let mut left = if token.is_some() { 3 } else { 2 };
        loop {
            let current = match token.take() {
                Some(known) => known,
                None => self.renewed(platform, sign).await?,
            };
            left -= 1;
            match call(&current).await {
                Err(Error::Refused(Code::Unauthorized)) if left > 0 => {}
                Err(Error::Refused(Code::SessionEnded)) => return Err(Error::SessionEnded),
                other => return other,
            }
        }
    }

    /// A new session's token.
    async fn renewed<P: Transport + Host>(
        &self,
        platform: &P,
        sign: Sign<'_>,
    ) -> Result<Zeroizing<String>> {
        let opened = open(platform, self.principal, sign).await;
        let token = opened.map_err(|error| match error {
            Error::Refused(Code::Unauthorized) => Error::KeysReplaced,
            other => other,
        })?;
        self.token.replace(Some(token.clone()));
        Ok(token)
    }
}
