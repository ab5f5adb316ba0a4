//! Policies as Open Exposure Data cyber accounts (OED 4 and 5).
//!
//! Field names, codes and units follow the OED cyber schema. Required fields that the engine can do without are
//! reported and the row is kept. A `0` in a limit means "none", as OED's defaults have it.

mod terms;

use super::currency;
use super::policy::Policy;
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
        field("LOB", Kind::Text, false),
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
        field("PolDed6All", Kind::Money, false),
        field("PolDedCode6All", Kind::Integer, false),
        field("PolDedType6All", Kind::Integer, false),
        field("PolLimit6All", Kind::Money, false),
        field("PolLimitCode6All", Kind::Integer, false),
        field("PolLimitType6All", Kind::Integer, false),
        field("AccDed6All", Kind::Money, false),
        field("AccDedCode6All", Kind::Integer, false),
        field("AccDedType6All", Kind::Integer, false),
        field("AccLimit6All", Kind::Money, false),
        field("AccLimitCode6All", Kind::Integer, false),
        field("AccLimitType6All", Kind::Integer, false),
        field("AccParticipation", Kind::Share, false),
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
        field("PolDedCodeNPBI", Kind::Integer, false),
        field("PolDedTypeNPBI", Kind::Integer, false),
        field("PolLimitCodeNPBI", Kind::Integer, false),
        field("PolLimitTypeNPBI", Kind::Integer, false),
        field("PolDedCodeCBI", Kind::Integer, false),
        field("PolDedTypeCBI", Kind::Integer, false),
        field("PolLimitCodeCBI", Kind::Integer, false),
        field("PolLimitTypeCBI", Kind::Integer, false),
        field("PolDedCodeDIAS", Kind::Integer, false),
        field("PolDedTypeDIAS", Kind::Integer, false),
        field("PolLimitCodeDIAS", Kind::Integer, false),
        field("PolLimitTypeDIAS", Kind::Integer, false),
        field("PolDedCodeEXT", Kind::Integer, false),
        field("PolDedTypeEXT", Kind::Integer, false),
        field("PolLimitCodeEXT", Kind::Integer, false),
        field("PolLimitTypeEXT", Kind::Integer, false),
        field("PolDedCodeFIN", Kind::Integer, false),
        field("PolDedTypeFIN", Kind::Integer, false),
        field("PolLimitCodeFIN", Kind::Integer, false),
        field("PolLimitTypeFIN", Kind::Integer, false),
        field("PolDedCodeINRE", Kind::Integer, false),
        field("PolDedTypeINRE", Kind::Integer, false),
        field("PolLimitCodeINRE", Kind::Integer, false),
        field("PolLimitTypeINRE", Kind::Integer, false),
        field("PolDedCodeLIA", Kind::Integer, false),
        field("PolDedTypeLIA", Kind::Integer, false),
        field("PolLimitCodeLIA", Kind::Integer, false),
        field("PolLimitTypeLIA", Kind::Integer, false),
        field("PolDedCodeREG", Kind::Integer, false),
        field("PolDedTypeREG", Kind::Integer, false),
        field("PolLimitCodeREG", Kind::Integer, false),
        field("PolLimitTypeREG", Kind::Integer, false),
        field("PolDedCodeENO", Kind::Integer, false),
        field("PolDedTypeENO", Kind::Integer, false),
        field("PolLimitCodeENO", Kind::Integer, false),
        field("PolLimitTypeENO", Kind::Integer, false),
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
        terms: terms::terms(fields),
        account: terms::account(fields),
        line: fields.text("LOB").to_string(),
    }
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
