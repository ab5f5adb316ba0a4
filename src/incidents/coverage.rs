//! How losses fall on coverages, from the records that give them by coverage.

use std::collections::BTreeMap;

use super::cause::Cause;
use super::incident::Incident;
use super::interval::{Interval, wilson_of};
use crate::portfolio::Coverage;
use crate::table::{Cell, Kind, Record, Table, column};

/// The part of losses that falls on one coverage.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverageShare {
    /// The cause; nothing for all together.
    pub cause: Option<Cause>,
    /// The coverage.
    pub coverage: Coverage,
    /// Closed claims whose loss is told by coverage.
    pub incidents: u64,
    /// Of them with a loss under this coverage.
    pub with_loss: u64,
    /// Mean over claims of the coverage's share of the claim's loss, each claim counting once.
    pub mean: (f64, Interval),
    /// Sum of the losses under the coverage over the sum of all: what a loss stage's weight is.
    pub of_losses: (f64, Interval),
}

impl Record for CoverageShare {
    const TABLE: Table = Table {
        name: "coverage shares",
        meaning: "How losses fall on coverages, by cause, from closed claims whose loss is told by coverage, with 90 % intervals. Coverages that no record has a loss under are left out; the shares of a cause add up to one.",
        columns: &[
            column("cause", Kind::Text, "", true, "Root cause, or all"),
            column("coverage", Kind::Text, "", true, "Coverage, by the name that events give it"),
            column("incidents", Kind::Integer, "", true, "Closed claims whose loss is told by coverage"),
            column("with_loss", Kind::Integer, "", true, "Of them with a loss under this coverage"),
            column("mean_share", Kind::Share, "", true, "Mean over claims of its share of the loss"),
            column("mean_share_low", Kind::Share, "", true, "Lower end"),
            column("mean_share_high", Kind::Share, "", true, "Upper end"),
            column("loss_share", Kind::Share, "", true, "Its losses ÷ all losses: the weight of an event's coverage"),
            column("loss_share_low", Kind::Share, "", true, "Lower end"),
            column("loss_share_high", Kind::Share, "", true, "Upper end"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let mut cells = vec![
            Cell::text(self.cause.map_or("all", Cause::as_str)),
            Cell::text(self.coverage.words().replace(' ', "_")),
            Cell::Integer(self.incidents as i64),
            Cell::Integer(self.with_loss as i64),
        ];
        for (value, ends) in [self.mean, self.of_losses] {
            cells.extend([value, ends.low, ends.high].map(Cell::Number));
        }
        cells
    }
}

/// Shares by cause, and the records that they rest on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CoverageShares {
    /// All together first, then by cause; coverages in OED's order.
    pub lines: Vec<CoverageShare>,
    /// Records whose loss is told by coverage.
    pub told: u64,
    /// Of them open: what is paid so far need not fall as the whole will, and they are left out.
    pub open: u64,
}

/// How losses fall on coverages. Only losses that severities rest on count: known, and above the retention.
pub fn coverage_shares(incidents: &[Incident]) -> CoverageShares {
    let mut found = CoverageShares::default();
    let mut rows: BTreeMap<Option<Cause>, Vec<(f64, &[f64; Coverage::COUNT])>> = BTreeMap::new();
    for incident in incidents {
        let (Some(split), Some(loss)) = (&incident.by_coverage, incident.loss) else { continue };
        found.told += 1;
        if split.open {
            found.open += 1;
            continue;
        }
        for cause in [None, Some(incident.cause)] {
            rows.entry(cause).or_default().push((loss.amount, &split.shares));
        }
    }
    let occurs = |c: &Coverage| rows.get(&None).is_some_and(|all| all.iter().any(|row| row.1[*c as usize] > 0.0));
    let coverages: Vec<Coverage> = Coverage::ALL.into_iter().filter(occurs).collect();
    for (cause, own) in &rows {
        found.lines.extend(coverages.iter().map(|coverage| {
            let shares: Vec<(f64, f64)> = own.iter().map(|(amount, s)| (*amount, s[*coverage as usize])).collect();
            let once: Vec<(f64, f64)> = shares.iter().map(|(_, share)| (1.0, *share)).collect();
            CoverageShare {
                cause: *cause,
                coverage: *coverage,
                incidents: own.len() as u64,
                with_loss: shares.iter().filter(|(_, share)| *share > 0.0).count() as u64,
                mean: mean_share(&once),
                of_losses: mean_share(&shares),
            }
        }));
    }
    found
}

/// The mean of shares under weights, Σ w·r ÷ Σ w, with its interval; of no rows nothing is known.
///
/// The variance of the ratio is Σ w²·(r − p)² ÷ (Σ w)² (W. G. Cochran, *Sampling Techniques*, 3rd ed., 1977, section 6.3), to which one
/// record of the greatest variance that a share can have, p·(1 − p)·Σ w² ÷ (Σ w)² ÷ n, is added, so that few records that
/// agree are not taken for certain. The interval is Wilson's with as many records as have that variance, p·(1 − p) ÷ variance; where p
/// is nought or one, with Kish's number (Σ w)² ÷ Σ w² (L. Kish, *Survey Sampling*, 1965, section 11.7): it stays within nought and
/// one, and has a width for a coverage that none of few records had.
fn mean_share(rows: &[(f64, f64)]) -> (f64, Interval) {
    let weight: f64 = rows.iter().map(|(w, _)| w).sum();
    if weight <= 0.0 {
        return (0.0, wilson_of(0.0, 0.0));
    }
    let p = rows.iter().map(|(w, r)| w * r).sum::<f64>() / weight;
    let p = p.clamp(0.0, 1.0);
    let concentration = rows.iter().map(|(w, _)| w * w).sum::<f64>() / (weight * weight);
    let spread = rows.iter().map(|(w, r)| w * w * (r - p) * (r - p)).sum::<f64>() / (weight * weight);
    let most = p * (1.0 - p);
    let records = match most > 1e-12 {
        true => most / (spread + most * concentration / rows.len() as f64),
        false => 1.0 / concentration,
    };
    (p, wilson_of(p, records))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::{Loss, Split};
    use crate::random::{Draws, Purpose};

    fn claim(cause: Cause, amount: f64, parts: &[(Coverage, f64)], open: bool) -> Incident {
        let mut shares = [0.0; Coverage::COUNT];
        parts.iter().for_each(|(coverage, share)| shares[*coverage as usize] = *share);
        let loss = Loss { amount, retention: 0.0, censored: open };
        let by_coverage = Some(Box::new(Split { shares, open }));
        Incident { loss: Some(loss), by_coverage, ..Incident::new(2020, cause) }
    }

    /// By hand: two emails of 100 and 300, half and all of them incident response, have a mean share of 3 ÷ 4 and of their losses 350 ÷ 400;
    /// an open one does not count, and one without parts neither.
    #[test]
    fn shares_are_of_claims_and_of_losses() {
        use Coverage::{Extortion, FinancialFraud, IncidentResponse};
        let mut plain = claim(Cause::Email, 1e9, &[], false);
        plain.by_coverage = None;
        let found = coverage_shares(&[
            claim(Cause::Email, 100.0, &[(IncidentResponse, 0.5), (FinancialFraud, 0.5)], false),
            claim(Cause::Email, 300.0, &[(IncidentResponse, 1.0)], false),
            claim(Cause::Ransomware, 600.0, &[(Extortion, 1.0)], false),
            claim(Cause::Ransomware, 900.0, &[(IncidentResponse, 1.0)], true),
            plain,
        ]);
        assert_eq!((found.told, found.open, found.lines.len()), (4, 1, 9));
        let of =
            |cause, coverage| found.lines.iter().find(|l| l.cause == cause && l.coverage == coverage).cloned().unwrap();
        let email = of(Some(Cause::Email), IncidentResponse);
        assert_eq!((email.incidents, email.with_loss, email.mean.0, email.of_losses.0), (2, 2, 0.75, 0.875));
        let ransom = of(None, Extortion);
        assert!((ransom.mean.0 - 1.0 / 3.0).abs() < 1e-12 && (ransom.of_losses.0 - 0.6).abs() < 1e-12);
        for cause in [None, Some(Cause::Email), Some(Cause::Ransomware)] {
            let own = || found.lines.iter().filter(|l| l.cause == cause);
            assert!((own().map(|l| l.mean.0).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((own().map(|l| l.of_losses.0).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(own().all(|l| l.mean.1.low <= l.mean.0 && l.mean.0 <= l.mean.1.high && l.mean.1.high <= 1.0));
        }
        // One claim, all of it under one coverage: nothing is certain of the next.
        let alone = of(Some(Cause::Ransomware), Extortion);
        assert!(alone.mean.0 == 1.0 && alone.mean.1.low < 0.4, "{alone:?}");
    }

    /// Of 400 made samples of forty claims each, whose share is drawn evenly from nought to one, 90 % intervals hold the half in 85 to
    /// 95 of a hundred; the losses are drawn apart from the shares.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        let draws = Draws::new(8);
        let held = |weighted: bool| {
            let holds = |trial: &u32| {
                let row = |n: u32| {
                    let [u, v] = draws.pair(Purpose::Claim, *trial, n, 0);
                    (if weighted { libm::exp(2.0 * v) } else { 1.0 }, u)
                };
                let (_, ends) = mean_share(&(0..40).map(row).collect::<Vec<_>>());
                ends.low <= 0.5 && 0.5 <= ends.high
            };
            (0..400).filter(holds).count() as f64 / 400.0
        };
        for weighted in [false, true] {
            assert!((0.85..=0.95).contains(&held(weighted)), "{}", held(weighted));
        }
    }

    #[test]
    fn without_parts_there_is_no_share() {
        assert_eq!(coverage_shares(&[Incident::new(2020, Cause::Email)]), CoverageShares::default());
    }
}
