//! Financial terms of an OED cyber account.
//!
//! Codes as OED's *Financial Details – Primary Insurance* has them: a deductible is regular (0), annual aggregate (1) or a
//! franchise (2), a limit regular (0) or annual aggregate (1); both are amounts (type 0).

use super::super::coverage::Coverage;
use super::super::policy::{AccountTerms, CoverageTerms, Terms, Waiting, WaitingKind};
use crate::fault::{Fault, did_you_mean_or};
use crate::money::Cents;
use crate::table::Fields;

/// Terms of one layer of a policy.
pub fn terms(fields: &mut Fields) -> Terms {
    let limit = unless_zero(fields.money("LayerLimit"));
    let aggregate = unless_zero(fields.money("LayerAggLimit"));
    for column in ["LimitCurrency", "DedCurrency"] {
        let (code, own) = (fields.text(column), fields.text("AccCurrency"));
        if !code.is_empty() && !code.eq_ignore_ascii_case(own) {
            fields.refuse(column, "differs from AccCurrency", "give limits and deductibles in AccCurrency");
        }
    }
    if fields.number("LayerAggAttachment").is_some_and(|x| x > 0.0) {
        fields.warn("LayerAggAttachment", "an aggregate attachment is not applied; losses are overstated", "");
    }
    if fields.number("GrossProfitMargin").is_some_and(|x| x > 0.0) {
        fields.warn("GrossProfitMargin", "not used; the event's gross margin is", "");
    }
    let waiting = Waiting {
        hours: fields.number("BIWaitingPeriod").unwrap_or(0.0) * 24.0,
        kind: WaitingKind::Retention,
        indemnity_hours: fields.number("BIPOI").map_or(Waiting::default().indemnity_hours, |days| days * 24.0),
    };
    let retention = retention(fields);
    let terms = Terms {
        limit: limit.or(aggregate).unwrap_or(Cents::UNLIMITED),
        aggregate: aggregate.or(limit).unwrap_or(Cents::UNLIMITED),
        retention: retention.each_claim,
        retention_aggregate: retention.a_year,
        retention_franchise: retention.franchise,
        policy_limit: policy_limit(fields),
        attachment: fields.money("LayerAttachment").unwrap_or_default(),
        share: fields.share("LayerParticipation", 1.0),
        waiting,
        contingent_waiting: waiting,
        coverages: coverages(fields),
    };
    if terms.limit_at_stake(&Coverage::ALL) == Cents::UNLIMITED {
        fields.refuse(
            "LayerLimit",
            "no limit: neither of the layer nor of its aggregate, nor of each coverage",
            "give LayerLimit",
        );
    }
    terms
}

fn unless_zero(amount: Option<Cents>) -> Option<Cents> {
    amount.filter(|a| *a != Cents::ZERO)
}

/// The policy's retention as its code has it.
struct Retention {
    each_claim: Cents,
    a_year: Cents,
    franchise: bool,
}

/// One retention under several names: a self-insured retention is not taken on top of the policy deductible.
fn retention(fields: &mut Fields) -> Retention {
    let amounts = ["PolDed", "PolSIR", "PolDed6All"].map(|column| fields.money(column).unwrap_or_default());
    let amount = amounts.into_iter().max().unwrap_or_default();
    plain(fields, "PolDedType6All");
    match code(fields, "PolDedCode6All", 2) {
        1 => Retention { each_claim: amount, a_year: amount, franchise: false },
        code => Retention { each_claim: amount, a_year: Cents::UNLIMITED, franchise: code == 2 },
    }
}

/// The limit that lies under the layers.
fn policy_limit(fields: &mut Fields) -> Cents {
    plain(fields, "PolLimitType6All");
    code(fields, "PolLimitCode6All", 0);
    unless_zero(fields.money("PolLimit6All")).unwrap_or(Cents::UNLIMITED)
}

/// Terms over all policies of the account.
pub fn account(fields: &mut Fields) -> AccountTerms {
    for (kind, of) in [("AccDedType6All", "AccDedCode6All"), ("AccLimitType6All", "AccLimitCode6All")] {
        plain(fields, kind);
        code(fields, of, 0);
    }
    let terms = AccountTerms {
        deductible: fields.money("AccDed6All").unwrap_or_default(),
        limit: unless_zero(fields.money("AccLimit6All")).unwrap_or(Cents::UNLIMITED),
        share: fields.share("AccParticipation", 1.0),
    };
    if terms != AccountTerms::default() {
        let column = ["AccDed6All", "AccLimit6All", "AccParticipation"];
        let first = column.into_iter().find(|c| !fields.text(c).is_empty()).unwrap_or(column[0]);
        fields.warn(first, "account terms are applied by `terms`; events leave them out", "");
    }
    terms
}

/// A code of a deductible or limit, of which those up to `highest` are applied; 0 when blank.
fn code(fields: &mut Fields, column: &str, highest: i64) -> i64 {
    if fields.text(column).is_empty() {
        return 0;
    }
    let code = fields.whole(column);
    if code > highest {
        fields.refuse(column, "a code that is not applied", "give a regular deductible or limit (code 0)");
    }
    code
}

/// A deductible or limit must be an amount.
fn plain(fields: &mut Fields, column: &str) {
    if !fields.text(column).is_empty() && fields.whole(column) != 0 {
        fields.refuse(column, "not an amount but a share of the loss or of the sum insured", "give an amount (type 0)");
    }
}

/// Coverages by `PolCoverage` (all when it is blank or `CYB`); each with its own limit and deductible.
fn coverages(fields: &mut Fields) -> [CoverageTerms; Coverage::COUNT] {
    let listed: Vec<&str> =
        fields.text("PolCoverage").split([';', ',', ' ']).map(str::trim).filter(|c| !c.is_empty()).collect();
    let mut given = [listed.is_empty(); Coverage::COUNT];
    for code in listed {
        match resolve(code) {
            Ok(coverages) => coverages.iter().for_each(|c| given[*c as usize] = true),
            Err((fault, meant)) => {
                fields.faults.push(fault);
                meant.into_iter().for_each(|c| given[c as usize] = true);
            }
        }
    }
    Coverage::ALL.map(|coverage| coverage_terms(fields, coverage, given[coverage as usize]))
}

fn coverage_terms(fields: &mut Fields, coverage: Coverage, covered: bool) -> CoverageTerms {
    let column = |what: &str| format!("Pol{what}{}", coverage.code());
    plain(fields, &column("DedType"));
    plain(fields, &column("LimitType"));
    let deductible = code(fields, &column("DedCode"), 2);
    if deductible == 1 {
        fields.refuse(&column("DedCode"), "an annual deductible of one coverage is not applied", "");
    }
    CoverageTerms {
        covered,
        sublimit: unless_zero(fields.money(&column("Limit"))).unwrap_or(Cents::UNLIMITED),
        deductible: fields.money(&column("Ded")).unwrap_or_default(),
        franchise: deductible == 2,
        annual_sublimit: code(fields, &column("LimitCode"), 1) == 1,
        ..CoverageTerms::default()
    }
}

/// The coverages of a code; for an unknown code the fault and what was most likely meant.
fn resolve(code: &str) -> Result<Vec<Coverage>, (Fault, Option<Coverage>)> {
    let upper = code.to_ascii_uppercase();
    if upper == "CYB" {
        return Ok(Coverage::ALL.to_vec());
    }
    if let Some(coverage) = Coverage::ALL.into_iter().find(|c| c.code() == upper) {
        return Ok(vec![coverage]);
    }
    if upper == "BI" {
        let fault = Fault::new("PolCoverage", code, "not a cyber coverage code; read as NPBI")
            .hint("OED's code for business interruption in cyber is NPBI");
        return Err((fault.kept(), Some(Coverage::BusinessInterruption)));
    }
    let hint = did_you_mean_or(&upper, Coverage::ALL.map(Coverage::code), || {
        format!("codes are CYB {}", Coverage::ALL.map(Coverage::code).join(" "))
    });
    Err((Fault::new("PolCoverage", code, "not a cyber coverage code; left out").hint(hint).kept(), None))
}
