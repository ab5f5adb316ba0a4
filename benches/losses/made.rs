//! A made book: insureds exposed to vendors, with the terms of real policies.

use blastradius::catalogue::{Count, Distribution};
use blastradius::loss::severity::CappedLognormal;
use blastradius::loss::{GroundUp, Insured, Layer, Peril, Plan, Risk, Shock};
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms};
use blastradius::random::{Draws, Purpose};

/// Vendors.
pub const VENDORS: u32 = 25;

/// A plan over `policies`, the first `exposed` of which are exposed to a vendor or several (1.5 on average), each event
/// hitting `share` of them on average. An event happens once in 25 years, so that a year has one on average.
pub fn plan(policies: u32, exposed: u32, share: f64) -> Plan {
    let draws = Draws::new(99);
    let perils = (0..VENDORS)
        .map(|vendor| Peril {
            id: format!("event-{vendor}"),
            vendor: format!("vendor-{vendor}"),
            key: u64::from(vendor) + 1,
            shock: Shock {
                affected: Distribution::Beta(2.0, 3.0),
                hit: Distribution::Uniform(0.0, share / 0.4 * 2.0),
                outage: None,
                level: 0.5,
            },
            frequency: Some(Count::Poisson(1.0 / f64::from(VENDORS))),
            responding: vec![
                (Coverage::IncidentResponse, 0.4),
                (Coverage::BusinessInterruption, 0.4),
                (Coverage::Liability, 0.2),
            ],
        })
        .collect();
    let insureds = (0..exposed).map(|at| insured(&draws, at)).collect();
    let mut plan = Plan { perils, insureds, policies: (0..policies as usize).collect(), models: Vec::new() };
    plan.order().expect("keys of their own");
    plan
}

fn insured(draws: &Draws, at: u32) -> Insured {
    let mut stream = draws.stream(Purpose::Shock, at, 0);
    let mut pick = |n: u32| (stream.uniform() * f64::from(n)) as u32;
    let mut vendors: Vec<u32> = (0..1 + pick(2)).map(|_| pick(VENDORS)).collect();
    vendors.sort_unstable();
    vendors.dedup();
    let size = pick(4) as usize;
    let severity = CappedLognormal { mu: [10.0, 11.0, 12.0, 13.0][size], sigma: 1.8, cap: 1e8 };
    let risk = |peril: &u32| Risk {
        peril: *peril,
        probability: [0.95, 0.9, 0.4, 0.15][(at % 4) as usize],
        ground_up: GroundUp::Severity { severity, rate: 1.0 },
    };
    let units = |amount: i64| Cents(amount * 100);
    let mut terms = Terms {
        limit: units([1_000_000, 2_000_000, 5_000_000, 10_000_000][size]),
        aggregate: units([1_000_000, 2_000_000, 5_000_000, 20_000_000][size]),
        retention: units([5_000, 10_000, 50_000, 250_000][size]),
        ..Terms::default()
    };
    terms.coverages[Coverage::BusinessInterruption as usize].sublimit = units(500_000);
    let key = u64::from(at).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    Insured { key, risks: vendors.iter().map(risk).collect(), layers: vec![Layer { policy: at, terms }] }
}
