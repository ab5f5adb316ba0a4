//! Policies as Open Exposure Data cyber accounts (OED 4 and 5).
//!
//! Field names, codes and units follow the OED cyber schema. Required fields that the engine can do without are
//! reported and the row is kept. A `0` in a limit means "none", as OED's defaults have it.

use super::currency;
use super::native::YEAR_OF_HOURS;
use super::policy::{Coverage, CoverageTerms, Policy, Terms, WaitingKind};
use crate::fault::{Fault, did_you_mean_or};
use crate::money::Cents;
use crate::table::{Column, Fields, Kind, Table};

const fn field(name: &'static str, kind: Kind, required: bool) -> Column {
    Column { name, kind, unit: "", required, meaning: "Open Exposure Data cyber account field" }
}

/// The OED fields that the engine reads.
pub const OED_ACCOUNTS: Table = Table {
    name: "OED cyber accounts",
    meaning: "Open Exposure Data, class of business cyber: one row a policy layer.",
    columns: &[
        field("PortNumber", Kind::Text, false),
        field("AccNumber", Kind::Text, true),
        field("AccName", Kind::Text, false),
        field("InsuredName", Kind::Text, false),
        field("AccCurrency", Kind::Text, true),
        field("PolNumber", Kind::Text, true),
        field("LayerNumber", Kind::Integer, false),
        field("PolInceptionDate", Kind::Date, true),
        field("PolExpiryDate", Kind::Date, true),
        field("PolGrossPremium", Kind::Money, false),
        field("LayerParticipation", Kind::Share, false),
        field("LayerLimit", Kind::Money, false),
        field("LayerAttachment", Kind::Money, false),
        field("LayerAggLimit", Kind::Money, false),
        field("LayerAggAttachment", Kind::Money, false),
        field("LimitCurrency", Kind::Text, false),
        field("DedCurrency", Kind::Text, false),
        field("GrossProfitMargin", Kind::Number, false),
        field("PolDed", Kind::Money, false),
        field("PolSIR", Kind::Money, false),
        field("PolCoverage", Kind::Text, false),
        field("CountryCode", Kind::Text, false),
        field("IndustryScheme1", Kind::Text, false),
        field("IndustryCode1", Kind::Text, false),
        field("AnnualRevenue", Kind::Money, false),
        field("AnnualRevenueCurrency", Kind::Text, false),
        field("NumberOfEmployees", Kind::Integer, false),
        field("NumberOfRecords", Kind::Integer, false),
        field("URL", Kind::Text, false),
        field("BIWaitingPeriod", Kind::Number, false),
        field("BIPOI", Kind::Number, false),
        field("PolLimitNPBI", Kind::Money, false),
        field("PolLimitCBI", Kind::Money, false),
        field("PolLimitDIAS", Kind::Money, false),
        field("PolLimitEXT", Kind::Money, false),
        field("PolLimitFIN", Kind::Money, false),
        field("PolLimitINRE", Kind::Money, false),
        field("PolLimitLIA", Kind::Money, false),
        field("PolLimitREG", Kind::Money, false),
        field("PolLimitENO", Kind::Money, false),
        field("PolDedNPBI", Kind::Money, false),
        field("PolDedCBI", Kind::Money, false),
        field("PolDedDIAS", Kind::Money, false),
        field("PolDedEXT", Kind::Money, false),
        field("PolDedFIN", Kind::Money, false),
        field("PolDedINRE", Kind::Money, false),
        field("PolDedLIA", Kind::Money, false),
        field("PolDedREG", Kind::Money, false),
        field("PolDedENO", Kind::Money, false),
    ],
};

/// The policy of one account row.
pub fn policy(fields: &mut Fields) -> Policy {
    let (inception, expiry) = fields.period("PolInceptionDate", "PolExpiryDate");
    let account = fields.required("AccNumber");
    let number = fields.required("PolNumber");
    let layer = fields.text("LayerNumber").trim_end_matches(".0");
    let name = [fields.text("InsuredName"), fields.text("AccName")].into_iter().find(|n| !n.is_empty()).unwrap_or("");
    Policy {
        id: if layer.is_empty() { format!("{account}/{number}") } else { format!("{account}/{number}/{layer}") },
        insured_id: account,
        insured_name: name.to_string(),
        hosts: fields.hosts("URL"),
        domains: Vec::new(),
        industry: industry(fields),
        country: fields.country("CountryCode"),
        revenue: revenue(fields),
        employees: fields.optional_count("NumberOfEmployees"),
        records: fields.optional_count("NumberOfRecords"),
        currency: currency::read(fields, "AccCurrency"),
        inception,
        expiry,
        premium: fields.money("PolGrossPremium").unwrap_or_default(),
        terms: terms(fields),
    }
}

fn terms(fields: &mut Fields) -> Terms {
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
    let terms = Terms {
        limit: limit.or(aggregate).unwrap_or(Cents::UNLIMITED),
        aggregate: aggregate.or(limit).unwrap_or(Cents::UNLIMITED),
        // One retention under two names: a self-insured retention is not taken on top of the policy deductible.
        retention: fields.money("PolDed").unwrap_or_default().max(fields.money("PolSIR").unwrap_or_default()),
        attachment: fields.money("LayerAttachment").unwrap_or_default(),
        share: fields.share("LayerParticipation", 1.0),
        coinsurance: 0.0,
        waiting_hours: fields.number("BIWaitingPeriod").unwrap_or(0.0) * 24.0,
        waiting_kind: WaitingKind::Retention,
        indemnity_hours: fields.number("BIPOI").map_or(YEAR_OF_HOURS, |days| days * 24.0),
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

fn revenue(fields: &mut Fields) -> Option<Cents> {
    let revenue = fields.money("AnnualRevenue");
    if revenue.is_none() {
        fields.warn("AnnualRevenue", "required by OED, and blank; the policy is used with its revenue unknown", "");
        return None;
    }
    let (currency, own) = (fields.text("AnnualRevenueCurrency"), fields.text("AccCurrency"));
    if !currency.is_empty() && !currency.eq_ignore_ascii_case(own) {
        fields.warn(
            "AnnualRevenueCurrency",
            "differs from AccCurrency; the revenue is left out",
            "give AnnualRevenue in AccCurrency",
        );
        return None;
    }
    revenue
}

fn industry(fields: &mut Fields) -> String {
    match fields.text("IndustryScheme1").to_ascii_uppercase().as_str() {
        "" | "NAICS" | "NAISC" => fields.naics("IndustryCode1"),
        _ => {
            fields.warn("IndustryScheme1", "only NAICS is read; the industry is left out", "");
            String::new()
        }
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
    Coverage::ALL.map(|coverage| CoverageTerms {
        covered: given[coverage as usize],
        sublimit: unless_zero(fields.money(&format!("PolLimit{}", coverage.code()))).unwrap_or(Cents::UNLIMITED),
        deductible: fields.money(&format!("PolDed{}", coverage.code())).unwrap_or_default(),
    })
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
