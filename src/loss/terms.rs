//! Policy terms on one claim, in the order of the wording.
//!
//! Coverage deductible, then coinsurance, then coverage sublimit; over all coverages the policy retention; then the
//! layer: what lies above its attachment, up to the limit, as far as the annual aggregate is not used up; then the
//! insurer's share. The waiting period is taken from the interruption before it comes here
//! ([`super::outage::payable_hours`]). An excess layer's limit counts from its attachment.

use crate::money::Cents;
use crate::portfolio::{Coverage, Terms};

/// Losses by coverage, in the order of [`Coverage::ALL`].
pub type ByCoverage = [Cents; Coverage::COUNT];

/// The loss of one coverage after its deductible, the insured's coinsurance and its sublimit.
pub fn coverage_loss(terms: &Terms, coverage: Coverage, loss: Cents) -> Cents {
    let own = terms.coverages[coverage as usize];
    if !own.covered {
        return Cents::ZERO;
    }
    loss.above(own.deductible).scale(1.0 - terms.coinsurance).min(own.sublimit)
}

/// The insurer's loss from one claim, with `aggregate_left` of the layer's annual aggregate still to be used.
pub fn claim(terms: &Terms, losses: &ByCoverage, aggregate_left: Cents) -> Cents {
    let covered: Cents = Coverage::ALL.iter().map(|c| coverage_loss(terms, *c, losses[*c as usize])).sum();
    let above = covered.above(terms.retention).above(terms.attachment);
    above.min(terms.limit).min(aggregate_left).scale(terms.share)
}

/// Allocates the insurer's loss back to coverages in proportion to what each brought in, to the cent: the cents that
/// rounding leaves go to the largest remainders, of equal ones to the first.
pub fn allocate(terms: &Terms, losses: &ByCoverage, gross: Cents) -> ByCoverage {
    let weights = Coverage::ALL.map(|c| i128::from(coverage_loss(terms, c, losses[c as usize]).0));
    let total: i128 = weights.iter().sum();
    if total == 0 {
        return [Cents::ZERO; Coverage::COUNT];
    }
    let gross = i128::from(gross.0);
    let mut parts = weights.map(|w| gross * w / total);
    let mut order: Vec<usize> = (0..Coverage::COUNT).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(gross * weights[*i] % total), *i));
    let left = gross - parts.iter().sum::<i128>();
    order.iter().take(left as usize).for_each(|i| parts[*i] += 1);
    parts.map(|part| Cents(part as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::{CoverageTerms, WaitingKind};
    use proptest::prelude::*;

    fn plain() -> Terms {
        Terms {
            limit: Cents::UNLIMITED,
            aggregate: Cents::UNLIMITED,
            retention: Cents::ZERO,
            attachment: Cents::ZERO,
            share: 1.0,
            coinsurance: 0.0,
            waiting_hours: 0.0,
            waiting_kind: WaitingKind::Retention,
            indemnity_hours: 8_760.0,
            coverages: [CoverageTerms::default(); Coverage::COUNT],
        }
    }

    fn one(units: i64) -> ByCoverage {
        let mut losses = [Cents::ZERO; Coverage::COUNT];
        losses[Coverage::IncidentResponse as usize] = Cents(units * 100);
        losses
    }

    /// Wording: 100,000 loss, retention 25,000, limit 50,000, share 60 %: (100 − 25 = 75, at most 50) × 0.6 = 30 thousand.
    #[test]
    fn retention_is_taken_before_the_limit_and_the_share_last() {
        let terms = Terms { retention: Cents(2_500_000), limit: Cents(5_000_000), share: 0.6, ..plain() };
        assert_eq!(claim(&terms, &one(100_000), Cents::UNLIMITED), Cents(3_000_000));
    }

    /// 1 M excess of 1 M: a loss of 1.8 M after retention costs 0.8 M; with 0.3 M of the aggregate left, 0.3 M.
    #[test]
    fn an_excess_layer_pays_above_its_attachment_as_far_as_its_aggregate_goes() {
        let terms = Terms { limit: Cents(100_000_000), attachment: Cents(100_000_000), ..plain() };
        assert_eq!(claim(&terms, &one(1_800_000), Cents::UNLIMITED), Cents(80_000_000));
        assert_eq!(claim(&terms, &one(1_800_000), Cents(30_000_000)), Cents(30_000_000));
        assert_eq!(claim(&terms, &one(900_000), Cents::UNLIMITED), Cents::ZERO);
    }

    /// Deductible before coinsurance before sublimit: (100 − 10) × 0.8 = 72, at most 60 thousand.
    #[test]
    fn deductible_then_coinsurance_then_sublimit() {
        let mut terms = Terms { coinsurance: 0.2, ..plain() };
        let own = &mut terms.coverages[Coverage::IncidentResponse as usize];
        own.deductible = Cents(1_000_000);
        assert_eq!(claim(&terms, &one(100_000), Cents::UNLIMITED), Cents(7_200_000));
        terms.coverages[Coverage::IncidentResponse as usize].sublimit = Cents(6_000_000);
        assert_eq!(claim(&terms, &one(100_000), Cents::UNLIMITED), Cents(6_000_000));
        terms.coverages[Coverage::IncidentResponse as usize].covered = false;
        assert_eq!(claim(&terms, &one(100_000), Cents::UNLIMITED), Cents::ZERO);
    }

    /// Open Exposure Data's cyber example as Oasis LMF solves it (its published validation suite, case CyberPort/C1/1):
    /// nine coverages of 100,000, NPBI deductible 10,000, CBI 25,000, policy deductible 50,000, 10 M excess of 10,000 at
    /// 10 %: 80,500, allocated NPBI 8,375.72, CBI 6,979.77, the other seven 9,306.36 each.
    #[test]
    fn the_oed_cyber_example_agrees_with_oasis_to_the_cent() {
        let mut terms = Terms {
            retention: Cents(5_000_000),
            attachment: Cents(1_000_000),
            limit: Cents(1_000_000_000),
            share: 0.1,
            ..plain()
        };
        terms.coverages[0].deductible = Cents(1_000_000);
        terms.coverages[1].deductible = Cents(2_500_000);
        let losses = [Cents(10_000_000); Coverage::COUNT];
        let gross = claim(&terms, &losses, Cents::UNLIMITED);
        assert_eq!(gross, Cents(8_050_000));
        let parts = allocate(&terms, &losses, gross);
        let want = [837_572, 697_977, 930_636, 930_636, 930_636, 930_636, 930_636, 930_636, 930_636];
        for (part, want) in parts.iter().zip(want) {
            assert!((part.0 - want).abs() <= 1, "{parts:?}");
        }
        assert_eq!(parts.into_iter().sum::<Cents>(), gross);
    }

    prop_compose! {
        fn any_terms()(
            retention in 0i64..50_000_000, limit in 1i64..500_000_000, attachment in 0i64..100_000_000,
            share in 0.01f64..1.0, coinsurance in 0.0f64..0.9, deductible in 0i64..10_000_000, sublimit in 1i64..300_000_000,
        ) -> Terms {
            let coverage = CoverageTerms { covered: true, sublimit: Cents(sublimit), deductible: Cents(deductible) };
            Terms {
                retention: Cents(retention), limit: Cents(limit), attachment: Cents(attachment), share, coinsurance,
                coverages: [coverage; Coverage::COUNT], ..plain()
            }
        }
    }

    proptest! {
        #[test]
        fn gross_lies_between_nothing_and_the_ground_up_loss(terms in any_terms(), loss in 0i64..100_000_000) {
            let losses = [Cents(loss); Coverage::COUNT];
            let gross = claim(&terms, &losses, Cents::UNLIMITED);
            prop_assert!(gross >= Cents::ZERO && gross <= losses.into_iter().sum());
        }

        #[test]
        fn a_higher_retention_never_raises_a_loss_and_a_higher_limit_never_lowers_one(terms in any_terms(), loss in 0i64..100_000_000, more in 0i64..10_000_000) {
            let losses = [Cents(loss); Coverage::COUNT];
            let base = claim(&terms, &losses, Cents::UNLIMITED);
            let retained = Terms { retention: Cents(terms.retention.0 + more), ..terms };
            let raised = Terms { limit: Cents(terms.limit.0 + more), ..terms };
            prop_assert!(claim(&retained, &losses, Cents::UNLIMITED) <= base);
            prop_assert!(claim(&raised, &losses, Cents::UNLIMITED) >= base);
        }

        #[test]
        fn the_allocation_adds_up_to_the_cent(terms in any_terms(), losses in prop::array::uniform9(0i64..100_000_000)) {
            let losses = losses.map(Cents);
            let gross = claim(&terms, &losses, Cents::UNLIMITED);
            prop_assert_eq!(allocate(&terms, &losses, gross).into_iter().sum::<Cents>(), gross);
        }
    }
}
