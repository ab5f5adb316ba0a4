//! Treaties as Open Exposure Data reinsurance files: `ReinsInfo` and `ReinsScope`.
//!
//! Fields, codes and order follow OED's *Reinsurance* chapter. A limit of 0 means none, as OED's defaults have it. What a
//! file asks for and the engine does not do is an error, not a note: a treaty read half is a wrong net loss.

use std::collections::BTreeMap;
use std::path::Path;

use super::places::Places;
use super::wording::{CessionWording, ProgrammeFile, TreatyKind, TreatyWording, resolve};
use super::{Programme, RiskLevel, Scope};
use crate::fault::{Failure, Fault};
use crate::portfolio::Rates;
use crate::table::{Column, Fields, Kind, Row, Table, read_every_line, read_every_row};

const fn field(name: &'static str, kind: Kind, required: bool) -> Column {
    Column { name, kind, unit: "", required, meaning: "Open Exposure Data reinsurance field" }
}

/// OED's reinsurance info file.
pub const REINS_INFO: Table = Table {
    name: "OED reinsurance info",
    meaning: "Open Exposure Data: one row a treaty, or one row a layer of it.",
    columns: &[
        field("ReinsNumber", Kind::Text, true),
        field("ReinsLayerNumber", Kind::Integer, false),
        field("ReinsName", Kind::Text, false),
        field("CededPercent", Kind::Share, false),
        field("RiskLimit", Kind::Money, false),
        field("RiskAttachment", Kind::Money, false),
        field("OccLimit", Kind::Money, false),
        field("OccAttachment", Kind::Money, false),
        field("OccFranchiseDed", Kind::Money, false),
        field("OccReverseFranchise", Kind::Money, false),
        field("AggLimit", Kind::Money, false),
        field("AggAttachment", Kind::Money, false),
        field("AggPeriod", Kind::Number, false),
        field("PlacedPercent", Kind::Share, true),
        field("ReinsCurrency", Kind::Text, false),
        field("InuringPriority", Kind::Integer, true),
        field("ReinsType", Kind::Text, true),
        field("RiskLevel", Kind::Text, false),
        field("Reinstatement", Kind::Integer, false),
        field("ReinstatementCharge", Kind::Text, false),
        field("ReinsPremium", Kind::Money, false),
        field("TreatyShare", Kind::Share, false),
    ],
};

/// OED's reinsurance scope file.
pub const REINS_SCOPE: Table = Table {
    name: "OED reinsurance scope",
    meaning: "Open Exposure Data: what each treaty covers; a row that names nothing covers everything.",
    columns: &[
        field("ReinsNumber", Kind::Text, true),
        field("PortNumber", Kind::Text, false),
        field("AccNumber", Kind::Text, false),
        field("PolNumber", Kind::Text, false),
        field("LocGroup", Kind::Text, false),
        field("LocNumber", Kind::Text, false),
        field("CedantName", Kind::Text, false),
        field("ProducerName", Kind::Text, false),
        field("LOB", Kind::Text, false),
        field("CountryCode", Kind::Text, false),
        field("ReinsTag", Kind::Text, false),
        field("CededPercent", Kind::Share, false),
    ],
};

/// A scope row: whose it is, what it covers, and the share that it cedes.
struct ScopeRow {
    line: u64,
    number: String,
    scope: Scope,
    ceded: Option<f64>,
}

/// Reads a programme from OED's two files. Losses must be of one portfolio: `PortNumber` is not looked at.
///
/// # Errors
/// When a file can't be read, a row breaks a rule, a treaty has no scope or a scope no treaty.
pub fn read_oed(info: &Path, scope: &Path, rates: &Rates) -> Result<Programme, Failure> {
    let treaties = read_every_row(info, &REINS_INFO, treaty)?.0;
    let mut scopes: BTreeMap<String, Vec<ScopeRow>> = BTreeMap::new();
    for (line, row) in read_every_line(scope, &REINS_SCOPE, scope_row)?.0 {
        scopes.entry(row.number.clone()).or_default().push(ScopeRow { line, ..row });
    }
    let mut places = Places::of_oed(&scope.display().to_string());
    let mut written = ProgrammeFile::default();
    let mut used = Vec::new();
    for (number, mut treaty) in treaties {
        let Some(rows) = scopes.get(&number) else {
            return Err(Failure::new(format!("{}: ReinsNumber {number} has no row", scope.display()))
                .hint("a row with nothing but the number covers everything"));
        };
        used.push(number);
        rows.iter().for_each(|row| places.row(&treaty.name, &row.scope, row.line));
        cover(&mut treaty, rows);
        written.treaty.push(treaty);
    }
    if let Some(number) = scopes.keys().find(|number| !used.contains(number)) {
        return Err(Failure::new(format!("{}: ReinsNumber {number} is not in {}", scope.display(), info.display())));
    }
    Ok(resolve(&info.display().to_string(), written, rates)?.written(places))
}

/// The treaty of one row, without its scope.
fn treaty(row: &Row) -> (Option<(String, TreatyWording)>, Vec<Fault>) {
    let mut fields = Fields::new(row, &REINS_INFO);
    let number = fields.required("ReinsNumber");
    let layer = fields.text("ReinsLayerNumber");
    for column in ["OccFranchiseDed", "OccReverseFranchise"] {
        if fields.number(column).is_some_and(|amount| amount > 0.0) {
            fields.refuse(column, "not applied", "leave it blank");
        }
    }
    if fields.number("AggPeriod").is_some_and(|days| days > 0.0 && !(365.0..=366.0).contains(&days)) {
        fields.refuse("AggPeriod", "only a year is applied", "leave it blank");
    }
    let units = |fields: &mut Fields, column: &str| fields.money(column).map_or(0.0, |amount| amount.units());
    let limit = |fields: &mut Fields, column: &str| Some(units(fields, column)).filter(|amount| *amount > 0.0);
    let name = [&number, layer].into_iter().filter(|part| !part.is_empty()).map(|part| part.trim_end_matches(".0"));
    let mut treaty = TreatyWording {
        name: [name.collect::<Vec<_>>().join("/"), fields.text("ReinsName").to_string()].join(" ").trim().to_string(),
        kind: kind(&mut fields),
        inuring: u32::try_from(fields.whole("InuringPriority")).unwrap_or(0),
        ceded: fields.probability("CededPercent").unwrap_or(1.0),
        placed: fields.required_probability("PlacedPercent"),
        treaty_share: fields.probability("TreatyShare").unwrap_or(1.0),
        risk: level(&mut fields),
        risk_attachment: units(&mut fields, "RiskAttachment"),
        risk_limit: limit(&mut fields, "RiskLimit"),
        occurrence_attachment: units(&mut fields, "OccAttachment"),
        occurrence_limit: limit(&mut fields, "OccLimit"),
        annual_deductible: units(&mut fields, "AggAttachment"),
        annual_limit: limit(&mut fields, "AggLimit"),
        reinstatements: None,
        premium: units(&mut fields, "ReinsPremium"),
        currency: Some(fields.text("ReinsCurrency").to_string()).filter(|code| !code.is_empty()),
        ..TreatyWording::default()
    };
    treaty.reinstatements = reinstatements(&mut fields);
    fields.finish((number, treaty))
}

fn kind(fields: &mut Fields) -> TreatyKind {
    match fields.text("ReinsType").to_ascii_uppercase().as_str() {
        "QS" => TreatyKind::QuotaShare,
        "SS" => TreatyKind::Surplus,
        "PR" => TreatyKind::RiskExcess,
        "FAC" => TreatyKind::Facultative,
        "CXL" => TreatyKind::EventExcess,
        "AXL" => TreatyKind::AggregateExcess,
        _ => {
            fields.refuse("ReinsType", "not a type of treaty", "types are QS SS PR FAC CXL AXL");
            TreatyKind::QuotaShare
        }
    }
}

fn level(fields: &mut Fields) -> RiskLevel {
    match fields.text("RiskLevel").to_ascii_uppercase().as_str() {
        "" | "SEL" => RiskLevel::All,
        "POL" => RiskLevel::Policy,
        "ACC" => RiskLevel::Insured,
        "LOC" => RiskLevel::Location,
        _ => {
            fields.refuse("RiskLevel", "not a risk level that is applied", "levels are POL ACC LOC, or blank for all");
            RiskLevel::All
        }
    }
}

/// `Reinstatement` times `ReinstatementCharge`: one charge for all, or one for each, separated by ; or a space. Blank:
/// reinstated without end and free; 0: the limit once a year.
fn reinstatements(fields: &mut Fields) -> Option<Vec<f64>> {
    if fields.text("Reinstatement").is_empty() {
        return None;
    }
    let count = fields.whole("Reinstatement").min(1_000) as usize;
    let text = fields.text("ReinstatementCharge");
    let parts = text.split([';', ' ', '|']).filter(|part| !part.is_empty());
    let charges: Option<Vec<f64>> = parts.map(|part| part.parse().ok()).collect();
    match charges.as_deref() {
        Some([]) => Some(vec![0.0; count]),
        Some([one]) => Some(vec![*one; count]),
        Some(each) if each.len() == count => Some(each.to_vec()),
        _ => {
            let hint = "give one charge as a share of the premium (1 for 100 %), or one for each separated by ;";
            fields.refuse("ReinstatementCharge", "not as many charges as reinstatements", hint);
            None
        }
    }
}

fn scope_row(row: &Row) -> (Option<ScopeRow>, Vec<Fault>) {
    let mut fields = Fields::new(row, &REINS_SCOPE);
    for column in ["LocGroup", "CedantName", "ProducerName", "ReinsTag"] {
        if !fields.text(column).is_empty() {
            fields.refuse(column, "losses have no such attribute", "name accounts, policies or locations");
        }
    }
    let one = |text: &str| Some(text.to_string()).filter(|t| !t.is_empty()).into_iter().collect();
    let scope = Scope {
        policies: one(fields.text("PolNumber")),
        insureds: one(fields.text("AccNumber")),
        locations: one(fields.text("LocNumber")),
        lines: one(fields.text("LOB")),
        countries: one(fields.text("CountryCode")),
        ..Scope::default()
    };
    let row =
        ScopeRow { line: 0, number: fields.required("ReinsNumber"), scope, ceded: fields.probability("CededPercent") };
    fields.finish(row)
}

/// Gives a treaty its scope. A surplus has a share for each row; for others `CededPercent` stands in the info file.
fn cover(treaty: &mut TreatyWording, rows: &[ScopeRow]) {
    let of_all = treaty.ceded;
    let share = |row: &ScopeRow| match treaty.kind {
        TreatyKind::Surplus => row.ceded.unwrap_or(of_all),
        _ => of_all,
    };
    treaty.cession = rows.iter().map(|row| CessionWording { ceded: share(row), scope: row.scope.clone() }).collect();
    treaty.ceded = 1.0;
}
