//! A made book: insureds exposed to vendors, with the terms of real policies.

use std::path::Path;

use blastradius::catalogue::{Count, Distribution};
use blastradius::loss::severity::CappedLognormal;
use blastradius::loss::{GroundUp, Insured, Layer, Peril, Plan, Risk, Shock};
use blastradius::money::Cents;
use blastradius::portfolio::{Coverage, Terms};
use blastradius::random::{Draws, Purpose};

/// Vendors.
pub const VENDORS: u32 = 25;

/// Standard deviation of the logarithm of an occurrence's severity level.
const LEVEL: f64 = 0.5;

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
                hit: Distribution::Uniform(0.0, most(share)),
                outage: None,
                level: LEVEL,
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

/// The largest hit share, where half of it times the affected share of 0.4 is `share`.
fn most(share: f64) -> f64 {
    share / 0.4 * 2.0
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

/// What the book amounts to, for other programs: `book.json` with what all share, and raw columns of little-endian numbers, one
/// row an exposure (sorted by vendor, each vendor's from `start` on: whose, and the probability) or one row an insured (location
/// of its severity; terms in cents).
pub fn write(plan: &Plan, share: f64, folder: &Path) -> std::io::Result<()> {
    let of = |vendor: u32| {
        let own = move |(who, insured): (u32, &'_ Insured)| {
            insured.risks.iter().find(|risk| risk.peril == vendor).map(|risk| (who, risk.probability))
        };
        (0..).zip(&plan.insureds).filter_map(own)
    };
    let (mut start, mut exposures) = (vec![0u32], Vec::new());
    for vendor in 0..VENDORS {
        exposures.extend(of(vendor));
        start.push(exposures.len() as u32);
    }
    let whole = |name: &str, numbers: &mut dyn Iterator<Item = u32>| {
        std::fs::write(folder.join(name), numbers.flat_map(u32::to_le_bytes).collect::<Vec<u8>>())
    };
    whole("start", &mut start.into_iter())?;
    whole("who", &mut exposures.iter().map(|(who, _)| *who))?;
    let column = |name: &str, numbers: &mut dyn Iterator<Item = f64>| {
        std::fs::write(folder.join(name), numbers.flat_map(f64::to_le_bytes).collect::<Vec<u8>>())
    };
    column("probability", &mut exposures.iter().map(|(_, probability)| *probability))?;
    column("mu", &mut plan.insureds.iter().map(|insured| severity(insured).mu))?;
    let terms = |name: &str, of: fn(&Terms) -> Cents| {
        column(name, &mut plan.insureds.iter().map(|insured| of(&insured.layers[0].terms).0 as f64))
    };
    terms("retention", |terms| terms.retention)?;
    terms("limit", |terms| terms.limit)?;
    terms("aggregate", |terms| terms.aggregate)?;
    let sublimit = plan.insureds[0].layers[0].terms.coverages[Coverage::BusinessInterruption as usize].sublimit.0;
    let book = serde_json::json!({
        "frequency": 1.0 / f64::from(VENDORS), "level": LEVEL, "most": most(share), "sublimit": sublimit,
        "sigma": severity(&plan.insureds[0]).sigma, "cap": severity(&plan.insureds[0]).cap,
    });
    std::fs::write(folder.join("book.json"), book.to_string())
}

fn severity(insured: &Insured) -> CappedLognormal {
    match insured.risks[0].ground_up {
        GroundUp::Severity { severity, .. } => severity,
        _ => unreachable!("made so"),
    }
}
