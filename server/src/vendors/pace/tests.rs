//! Waiting, places, pauses, and the rates of several who share one.

use super::*;
use crate::vendors::testing;

fn vendor(budget: Budget) -> Vendor {
    Vendor { budget, ..testing::vendor("fields = [{ name = \"key\", label = \"Key\", kind = \"secret\" }]") }
}

#[expect(clippy::unnecessary_wraps, reason = "as the budget holds it")]
fn rate(requests: u32, window: Duration) -> Option<Rate> {
    Some(Rate { requests, window })
}

async fn admit(paces: &Paces, vendor: &Vendor, credential: Uuid) -> Result<Ticket, CallError> {
    paces.admit(vendor, credential, Risk::Read).await
}

const ONE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn failed() -> Result<(), CallError> {
    Err(CallError::Failed { status: 502, message: None })
}

#[tokio::test]
async fn the_rate_is_one_credentials_own() {
    let vendor = vendor(Budget { requests: rate(8, Duration::from_hours(1)), ..Budget::default() });
    let paces = Paces::new();
    for _ in 0..2 {
        admit(&paces, &vendor, ONE).await.unwrap().done(&Ok(()));
    }
    let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
    let CallError::Held { why: Hold::Budget, wait } = refused else { panic!("{refused}") };
    assert!(wait > Duration::from_mins(9) && wait <= Duration::from_mins(10), "{wait:?}");
    assert!(admit(&paces, &vendor, OTHER).await.is_ok());
}

#[tokio::test]
async fn writes_have_a_rate_of_their_own() {
    let hour = Duration::from_hours(1);
    let vendor = vendor(Budget { requests: rate(12, hour), writes: rate(4, hour), ..Budget::default() });
    let paces = Paces::new();
    let admit = async |risk| paces.admit(&vendor, ONE, risk).await.map(drop);
    admit(Risk::Write).await.unwrap();
    for risk in [Risk::Write, Risk::Delete, Risk::Admin] {
        assert!(matches!(admit(risk).await, Err(CallError::Held { why: Hold::Budget, .. })), "{risk:?}");
    }
    for _ in 0..3 {
        admit(Risk::Read).await.unwrap();
    }
    assert!(admit(Risk::Read).await.is_err());
}

#[tokio::test]
async fn who_counts_by_address_has_one_rate_for_all() {
    let hour = Duration::from_hours(1);
    let vendor = vendor(Budget { gateway: rate(64, hour), ..Budget::default() });
    let other_vendor = Vendor {
        slug: "other".into(),
        ..self::vendor(Budget { gateway: rate(64, hour), ..Budget::default() })
    };
    let paces = Paces::new();
    let taken = async |vendor: &Vendor, credential: u128| {
        let mut taken = 0;
        while taken < 100 && admit(&paces, vendor, Uuid::from_u128(credential)).await.is_ok() {
            taken += 1;
        }
        taken
    };
    // 16 at once are for all; one tenant gets half of them.
    assert_eq!([taken(&vendor, 1).await, taken(&vendor, 2).await, taken(&vendor, 3).await], [8, 8, 0]);
    assert_eq!(taken(&other_vendor, 4).await, 8, "another vendor counts for itself");
}

#[tokio::test]
async fn a_second_request_that_is_held_does_not_say_that_nothing_was_sent() {
    let vendor = vendor(Budget { requests: rate(1, Duration::from_hours(1)), ..Budget::default() });
    let paces = Paces::new();
    let _ticket = admit(&paces, &vendor, ONE).await.unwrap();
    let held = paces.spend_again(ONE, Risk::Read).await.unwrap_err();
    assert!(matches!(held, CallError::Held { why: Hold::Again, .. }), "{held}");
    assert!(held.to_string().starts_with("the vendor turned the first request away"), "{held}");
    let held = admit(&paces, &vendor, ONE).await.err().unwrap();
    assert!(held.to_string().starts_with("nothing was sent"), "{held}");
}

#[tokio::test]
async fn a_short_wait_is_waited() {
    let vendor = vendor(Budget { requests: rate(40, Duration::from_secs(1)), ..Budget::default() });
    let paces = Paces::new();
    let started = Instant::now();
    for _ in 0..14 {
        admit(&paces, &vendor, ONE).await.unwrap().done(&Ok(()));
    }
    assert!(started.elapsed() >= Duration::from_millis(90), "{:?}", started.elapsed());
}

#[tokio::test]
async fn so_many_at_once() {
    let vendor = vendor(Budget { concurrent: Some(1), ..Budget::default() });
    let paces = Paces::new();
    let first = admit(&paces, &vendor, ONE).await.unwrap();
    assert!(admit(&paces, &vendor, OTHER).await.is_ok());
    let (second, ()) = tokio::join!(admit(&paces, &vendor, ONE), async { drop(first) });
    assert!(second.is_ok());
}

#[tokio::test]
async fn what_the_vendor_asks_for_holds_all_users_of_the_credential() {
    let vendor = vendor(Budget::default());
    let paces = Paces::new();
    let limited = |seconds| {
        let retry_after = Some(Duration::from_secs(seconds));
        Err::<(), _>(CallError::RateLimited { status: 429, message: None, retry_after })
    };
    admit(&paces, &vendor, ONE).await.unwrap().done(&limited(17));
    let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
    assert!(
        matches!(&refused, CallError::Held { why: Hold::Asked, wait } if wait.as_secs() == 16),
        "{refused}"
    );
    paces.close_breaker(ONE);
    assert!(admit(&paces, &vendor, ONE).await.is_err(), "a person's test does not change it");
    admit(&paces, &vendor, OTHER).await.unwrap().done(&limited(1_000_000));
    let refused = admit(&paces, &vendor, OTHER).await.err().unwrap();
    assert!(matches!(&refused, CallError::Held { wait, .. } if *wait <= MAX_PAUSE), "{refused}");
}

#[tokio::test]
async fn refusals_never_open_the_breaker() {
    let vendor = vendor(Budget::default());
    let paces = Paces::new();
    for status in (400..=428).chain(430..500).chain([501]) {
        let refused = CallError::Rejected { status, message: None };
        admit(&paces, &vendor, ONE).await.unwrap().done(&Err::<(), _>(refused));
    }
    for _ in 0..5 {
        admit(&paces, &vendor, ONE).await.unwrap().done(&failed());
    }
    let refused = admit(&paces, &vendor, ONE).await.err().unwrap();
    assert!(
        matches!(&refused, CallError::Held { why: Hold::Failing(why), .. } if why.contains("502")),
        "{refused}"
    );
    assert!(admit(&paces, &vendor, OTHER).await.is_ok(), "another credential of the same vendor");
    paces.close_breaker(ONE);
    assert!(admit(&paces, &vendor, ONE).await.is_ok());
}

#[test]
fn no_window_sees_more_than_the_rate() {
    for (requests, seconds) in [(1, 60), (3, 1), (60, 60), (600, 60), (3000, 300), (10_000, 3600)] {
        let quota = quota(Rate { requests, window: Duration::from_secs(seconds) }).unwrap();
        let steady = Duration::from_secs(seconds).as_nanos() / quota.replenish_interval().as_nanos();
        let most = u128::from(quota.burst_size().get()) + steady;
        assert!(most <= u128::from(requests) + 1, "{requests} in {seconds} s: {most}");
    }
}
