//! How often: a rate for each principal, and one for each address that is not signed in yet.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use subrosa_wire::api::Principal;
use subrosa_wire::id::Hash;

use crate::app::App;
use crate::config::Rate;
use crate::problem::Problem;

/// After how many checks those that have been quiet are forgotten.
const SWEEP: u32 = 4096;

/// The rates, and who has used how much of them.
pub struct Limits {
    principals: Keyed<Hash>,
    addresses: Keyed<IpAddr>,
    trust_proxy: bool,
}

impl Limits {
    /// Nobody has asked for anything yet.
    #[must_use]
    pub fn new(principal: Rate, address: Rate, trust_proxy: bool) -> Self {
        let (principals, addresses) = (Keyed::new(principal), Keyed::new(address));
        Limits { principals, addresses, trust_proxy }
    }

    /// Counts a request of this principal, whichever of its sessions it came by.
    ///
    /// # Errors
    /// [`Problem::Wait`].
    pub fn principal(&self, principal: &Principal) -> Result<(), Problem> {
        self.principals.check(match principal {
            Principal::Account(locator) => *locator,
            Principal::Member(team, member) => {
                Hash::of(&[team.0.0.as_slice(), member.bytes()].concat())
            }
            Principal::Root(team) => team.0,
            Principal::Link(team, invite) => {
                Hash::of(&[team.0.0.as_slice(), invite.bytes()].concat())
            }
        })
    }

    fn address(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<(), Problem> {
        let forwarded = self.trust_proxy.then(|| forwarded_for(headers)).flatten();
        self.addresses.check(network(forwarded.unwrap_or(peer.ip())))
    }
}

/// Middleware for the routes that take no session.
///
/// # Errors
/// [`Problem::Wait`].
pub async fn by_address(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    app.limits.address(request.headers(), peer)?;
    Ok(next.run(request).await)
}

/// The address that the nearest proxy saw: what stands before it, anybody can have written.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

/// Who has an IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

struct Keyed<K: Clone + Eq + core::hash::Hash> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Clone + Eq + core::hash::Hash> Keyed<K> {
    fn new(rate: Rate) -> Self {
        let one = NonZeroU32::MIN;
        let quota = Quota::per_second(NonZeroU32::new(rate.per_second).unwrap_or(one));
        let quota = quota.allow_burst(NonZeroU32::new(rate.burst).unwrap_or(one));
        Keyed { limiter: DefaultKeyedRateLimiter::keyed(quota), checks: AtomicU32::new(1) }
    }

    fn check(&self, key: K) -> Result<(), Problem> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            self.limiter.retain_recent();
        }
        self.limiter
            .check_key(&key)
            .map_err(|early| Problem::Wait(early.wait_time_from(DefaultClock::default().now())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_addresses_in_a_network_counts_as_the_network() {
        let a: IpAddr = "2001:db8::1".parse().unwrap();
        let b: IpAddr = "2001:db8::2:3".parse().unwrap();
        assert_eq!(network(a), network(b));
        let v4: IpAddr = "192.0.2.1".parse().unwrap();
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), v4);
    }

    #[test]
    fn only_the_nearest_proxy_is_believed() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.1, 192.0.2.7".parse().unwrap());
        assert_eq!(forwarded_for(&headers), "192.0.2.7".parse().ok());
    }
}
