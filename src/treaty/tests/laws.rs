//! What holds for any programme and any losses.

use proptest::prelude::*;

use super::*;

prop_compose! {
    fn any_layer()(attachment in 0i64..3_000, limit in prop_oneof![Just(i64::MAX), 1i64..5_000]) -> Layer {
        Layer { attachment: Cents(attachment * 100_000), limit: Cents(limit.saturating_mul(100_000)) }
    }
}

prop_compose! {
    fn any_treaty()(
        inuring in 1u32..4, ceded in 0u8..=100, placed in 0u8..=100, risk in any_layer(), occurrence in any_layer(),
        annual in any_layer(), level in 0usize..3, covers in 0u8..4, surplus in any::<bool>(),
    ) -> Treaty {
        let share = |per_cent: u8| Share::of_decimal(f64::from(per_cent) / 100.0).unwrap();
        let level = [RiskLevel::Policy, RiskLevel::Insured, RiskLevel::All][level];
        let policies = if covers == 0 { Default::default() } else { (0..covers * 2).map(|p| format!("I/{p}")).collect() };
        let scope = vec![programme::ScopePart { scope: Scope { policies, ..Scope::default() }, ceded: None }];
        let ceded = if surplus { Ceded::Surplus { retained: k(500), capacity: k(1_500) } } else { Ceded::Share(share(ceded)) };
        Treaty { name: String::new(), inuring, ceded, level, risk, occurrence, annual, reinstatements: None, placed: share(placed), scope }
    }
}

fn any_programme() -> impl Strategy<Value = Vec<Treaty>> {
    prop::collection::vec(any_treaty(), 1..6)
}

/// Losses in whole thousands or in odd cents, of eight policies with two locations each.
fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    let one = (1i64..4, 0u8..8, 0u8..2, prop_oneof![(0i64..6_000).prop_map(|x| x * 100_000), 0i64..400_000_000]);
    let entry = one.prop_map(|(occurrence, policy, location, gross)| {
        let subject = Subject {
            policy_id: format!("I/{policy}"),
            location: format!("{location}"),
            sum_insured: Some(k(300 * i64::from(policy))),
            ..Subject::default()
        };
        Entry { occurrence, subject: Arc::new(subject), gross: Cents(gross) }
    });
    prop::collection::vec(entry, 1..30)
}

fn run(treaties: &[Treaty], entries: &[Entry]) -> YearResult {
    Ledger::new(&Programme::new(treaties.to_vec()), "USD").year(1, entries.to_vec())
}

proptest! {
    #[test]
    fn ceded_and_net_are_gross_to_the_cent_and_none_is_below_zero(treaties in any_programme(), entries in any_entries()) {
        let result = run(&treaties, &entries);
        prop_assert!(result.net.iter().all(|row| Cents::ZERO <= row.net && row.net <= row.gross));
        let gross: Cents = entries.iter().map(|entry| entry.gross).sum();
        let net: Cents = result.net.iter().map(|row| row.net).sum();
        prop_assert_eq!(net + all_ceded(&result), gross);
        prop_assert!(result.ceded.iter().all(|row| row.cession.ceded <= row.cession.layer));
    }

    #[test]
    fn the_order_of_rows_changes_nothing(treaties in any_programme(), entries in any_entries()) {
        let reversed: Vec<Entry> = entries.iter().rev().cloned().collect();
        prop_assert_eq!(run(&treaties, &entries), run(&treaties, &reversed));
    }

    #[test]
    fn years_are_independent(treaties in any_programme(), entries in any_entries()) {
        let programme = Programme::new(treaties.clone());
        let mut ledger = Ledger::new(&programme, "USD");
        ledger.year(1, entries.clone());
        let again = ledger.year(1, entries.clone());
        prop_assert_eq!(again, run(&treaties, &entries));
    }

    #[test]
    fn a_higher_attachment_never_raises_what_one_treaty_pays_and_a_higher_limit_never_lowers_it(
        treaty in any_treaty(), entries in any_entries(), more in 0i64..100_000_000,
    ) {
        let base = all_ceded(&run(std::slice::from_ref(&treaty), &entries));
        let change = |change: &dyn Fn(&mut Treaty)| {
            let mut other = treaty.clone();
            change(&mut other);
            all_ceded(&run(&[other], &entries))
        };
        // Each occurrence's share is rounded by itself: half a cent each.
        let rounding = Cents(3);
        let raise = |amount: &mut Cents| *amount += Cents(more);
        let raises: [&dyn Fn(&mut Treaty); 3] = [&|t| raise(&mut t.risk.attachment), &|t| raise(&mut t.occurrence.attachment), &|t| raise(&mut t.annual.attachment)];
        for raised in raises {
            prop_assert!(change(raised) <= base + rounding);
        }
        let limits: [&dyn Fn(&mut Treaty); 3] = [&|t| raise(&mut t.risk.limit), &|t| raise(&mut t.occurrence.limit), &|t| raise(&mut t.annual.limit)];
        for higher in limits {
            prop_assert!(change(higher) + rounding >= base);
        }
    }

    /// Losses in tens of thousands, layers in thousands, shares of two decimals: every product is whole cents, and what a
    /// treaty pays of an occurrence scales exactly.
    #[test]
    fn scaling_all_money_scales_what_a_treaty_pays(treaty in any_treaty(), per_cent in 0u8..=100, entries in any_entries(), factor in 1i64..20) {
        let treaty = Treaty { ceded: Ceded::Share(Share::of_decimal(f64::from(per_cent) / 100.0).unwrap()), ..treaty };
        let mut scaled = treaty.clone();
        for layer in [&mut scaled.risk, &mut scaled.occurrence, &mut scaled.annual] {
            layer.attachment.0 *= factor;
            layer.limit.0 = layer.limit.0.saturating_mul(factor);
        }
        let times = |factor: i64| {
            let scale = |e: &Entry| Entry { gross: Cents(e.gross.0 / 1_000_000 * 1_000_000 * factor), ..e.clone() };
            entries.iter().map(scale).collect::<Vec<Entry>>()
        };
        let (one, many) = (run(&[treaty], &times(1)), run(&[scaled], &times(factor)));
        prop_assert_eq!(one.ceded.len(), many.ceded.len());
        for (one, many) in one.ceded.iter().zip(&many.ceded) {
            prop_assert_eq!(one.cession.ceded.0 * factor, many.cession.ceded.0);
        }
    }

    #[test]
    fn reinstatement_premium_never_falls_and_ends_with_the_last_reinstatement(
        limit in 1i64..1_000_000_000, premium in 0i64..1_000_000_000, charges in prop::collection::vec(0u64..2_000_000_000, 0..5),
        recovered in 0i64..10_000_000_000, more in 0i64..1_000_000_000,
    ) {
        let reinstatements = Reinstatements { limit: Cents(limit), premium: Cents(premium), charges: charges.clone() };
        let due = |recovered: i64| reinstatements.premium(Cents(recovered));
        prop_assert!(Cents::ZERO <= due(recovered) && due(recovered) <= due(recovered + more));
        prop_assert_eq!(due(limit * charges.len() as i64), due(i64::MAX));
    }
}
