//! Treaties as Open Exposure Data reinsurance files: `ReinsInfo` and `ReinsScope`.
//!
//! Fields, codes and order follow OED's *Reinsurance* chapter. A limit of 0 means none, as OED's defaults have it. What a
//! file asks for and the engine does not do is an error, not a note: a treaty read half is a wrong net loss.

mod fields;

use std::collections::BTreeMap;
use std::path::Path;

use super::places::Places;
use super::source::Source;
use super::wording::{CessionWording, ProgrammeFile, TreatyKind, TreatyWording, resolve};
use super::{Programme, RiskLevel, Scope};
use crate::fault::{Failure, Fault};
use crate::portfolio::Rates;
use crate::table::{Fields, Row, read_every_line};

pub use fields::{REINS_INFO, REINS_SCOPE};

/// A scope row: whose it is, what it covers, and the share that it cedes.
struct ScopeRow {
    line: u64,
    number: String,
    portfolio: String,
    scope: Scope,
    ceded: Option<f64>,
}

/// Reads a programme from OED's two files.
///
/// # Errors
/// When a file can't be read, a row breaks a rule, a treaty has no scope or a scope no treaty, or the scope is of several
/// portfolios.
pub fn read_oed(info: &Path, scope: &Path, rates: &Rates) -> Result<Programme, Failure> {
    let treaties = read_every_line(info, &REINS_INFO, treaty)?.0;
    let source = Source::of_oed(&info.display().to_string(), treaties.iter().map(|(line, _)| *line));
    let file = scope.display().to_string();
    let scopes = by_number(&file, read_every_line(scope, &REINS_SCOPE, scope_row)?.0)?;
    let mut places = Places::of_oed(&file);
    let mut written = ProgrammeFile::default();
    let mut used = Vec::new();
    for (at, (line, (number, mut treaty))) in treaties.into_iter().enumerate() {
        let Some(rows) = scopes.get(&number) else {
            let message = format!("{}:{line}: ReinsNumber {number} has no row in {file}", info.display());
            return Err(Failure::new(message).hint("a row with nothing but the number covers everything"));
        };
        used.push(number);
        rows.iter().for_each(|row| places.row(&treaty.name, &row.scope, row.line));
        // Its own terms must do before each row of the scope has the share.
        let alone = TreatyWording { scope: rows[0].scope.clone(), ..treaty.clone() };
        if treaty.kind != TreatyKind::Surplus {
            alone.check().map_err(|broken| source.told(at, &treaty.name, &broken))?;
        }
        cover(&file, &mut treaty, rows)?;
        written.treaty.push(treaty);
    }
    if let Some((number, rows)) = scopes.iter().find(|(number, _)| !used.contains(number)) {
        let message = format!("{file}:{}: ReinsNumber {number} is not in {}", rows[0].line, info.display());
        return Err(Failure::new(message).hint("each treaty has a row in the reinsurance info"));
    }
    Ok(resolve(&source, written, rates)?.written(places))
}

/// Rows by the number of their treaty; all must be of one portfolio.
fn by_number(file: &str, rows: Vec<(u64, ScopeRow)>) -> Result<BTreeMap<String, Vec<ScopeRow>>, Failure> {
    let mut scopes: BTreeMap<String, Vec<ScopeRow>> = BTreeMap::new();
    let mut portfolio = String::new();
    for (line, row) in rows {
        if !portfolio.is_empty() && !row.portfolio.is_empty() && row.portfolio != portfolio {
            let told = format!("PortNumber = \"{}\": other rows are of \"{portfolio}\"", row.portfolio);
            return Err(Failure::new(format!("{file}:{line}: {told}, and losses do not tell portfolios apart"))
                .hint("keep the rows of one portfolio in the file, and give the losses of that one"));
        }
        if portfolio.is_empty() {
            portfolio.clone_from(&row.portfolio);
        }
        scopes.entry(row.number.clone()).or_default().push(ScopeRow { line, ..row });
    }
    Ok(scopes)
}

/// The treaty of one row, without its scope.
fn treaty(row: &Row) -> (Option<(String, TreatyWording)>, Vec<Fault>) {
    let mut fields = Fields::new(row, &REINS_INFO);
    let number = number(&mut fields);
    not_applied(&mut fields);
    let units = |fields: &mut Fields, column: &str| fields.money(column).map_or(0.0, |amount| amount.units());
    let limit = |fields: &mut Fields, column: &str| Some(units(fields, column)).filter(|amount| *amount > 0.0);
    let layer = whole(fields.text("ReinsLayerNumber"));
    let name = [number.as_str(), layer].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
    let kind = kind(&mut fields);
    let (ceded, placed) = (share(&mut fields, "CededPercent"), share(&mut fields, "PlacedPercent"));
    if fields.text("PlacedPercent").is_empty() {
        fields.refuse("PlacedPercent", "required, and blank", "1 is all; write 12 % as 0.12");
    }
    let mut treaty = TreatyWording {
        name: [name.as_str(), fields.text("ReinsName")].join(" ").trim().to_string(),
        kind,
        inuring: fields.counted("InuringPriority"),
        // A column of ones says no more than a blank one, but of a quota share.
        ceded: ceded.filter(|share| *share < 1.0 || kind == TreatyKind::QuotaShare),
        placed: placed.filter(|share| *share < 1.0 || kind == TreatyKind::QuotaShare),
        treaty_share: share(&mut fields, "TreatyShare").unwrap_or(1.0),
        risk: level(&mut fields),
        risk_attachment: units(&mut fields, "RiskAttachment"),
        risk_limit: limit(&mut fields, "RiskLimit"),
        occurrence_attachment: units(&mut fields, "OccAttachment"),
        occurrence_limit: limit(&mut fields, "OccLimit"),
        annual_deductible: units(&mut fields, "AggAttachment"),
        annual_limit: limit(&mut fields, "AggLimit"),
        currency: Some(fields.text("ReinsCurrency").to_string()).filter(|code| !code.is_empty()),
        ..TreatyWording::default()
    };
    if fields.text("RiskLevel").is_empty() && (treaty.risk_attachment > 0.0 || treaty.risk_limit.is_some()) {
        let rule = "blank beside RiskLimit or RiskAttachment: what is one risk?";
        fields.refuse("RiskLevel", rule, "POL policy, ACC account or LOC location");
    }
    reinstate(&mut fields, &mut treaty);
    treaty.kind = of_a_share(&treaty);
    fields.finish((number, treaty))
}

/// What asks for something that is not done.
fn not_applied(fields: &mut Fields) {
    for column in ["OccFranchiseDed", "OccReverseFranchise"] {
        if fields.number(column).is_some_and(|amount| amount > 0.0) {
            fields.refuse(column, "not applied", "leave it blank where the treaty has none");
        }
    }
    if fields.number("AggPeriod").is_some_and(|days| days > 0.0 && !(365.0..=366.0).contains(&days)) {
        fields.refuse("AggPeriod", "only a year is applied", "365, or leave it blank");
    }
    let perils = fields.text("ReinsPeril").to_ascii_uppercase();
    let mut perils = perils.split([';', ',', ' ']).filter(|code| !code.is_empty()).peekable();
    if perils.peek().is_some() && !perils.any(|code| CYBER.contains(&code)) {
        let hint = "CSB, CC1 (all cyber perils) or AA1 (all perils); leave out a treaty that covers no cyber losses";
        fields.refuse("ReinsPeril", "names no peril that losses here are of", hint);
    }
    match fields.text("UseReinsDates").to_ascii_uppercase().as_str() {
        "" | "N" => {}
        "Y" => {
            fields.refuse("UseReinsDates", "dates of treaties are not applied", "N, with losses of the treaty's year")
        }
        _ => fields.refuse("UseReinsDates", "neither Y nor N", "N, with losses of the treaty's year"),
    }
    match fields.text("AttachmentBasis").to_ascii_uppercase().as_str() {
        "" | "LO" => {}
        "RA" => fields.refuse("AttachmentBasis", "risks attaching is not applied", "LO, losses occurring, is"),
        _ => fields.refuse("AttachmentBasis", "not a basis", "LO, losses occurring"),
    }
    if fields.number("DeemedPercentPlaced").is_some_and(|share| share > 0.0) {
        let hint = "0 is a real contract; leave out one that is notional";
        fields.refuse("DeemedPercentPlaced", "notional contracts are not applied", hint);
    }
    for column in ["ReinsFXrate", "RateOfExchange"] {
        if fields.number(column).is_some_and(|rate| rate != 0.0 && rate != 1.0) {
            let hint = "amounts are read in ReinsCurrency: give --rate CODE=RATE, and leave this blank";
            fields.refuse(column, "not applied", hint);
        }
    }
    let original = fields.text("OriginalCurrency");
    if !original.is_empty() && !original.eq_ignore_ascii_case(fields.text("ReinsCurrency")) {
        let hint = "amounts are read in ReinsCurrency: name that, or leave this blank";
        fields.refuse("OriginalCurrency", "another currency than ReinsCurrency is not applied", hint);
    }
}

/// Perils of OED that losses of the engine are of: data and privacy breach, all cyber perils, all perils.
const CYBER: [&str; 3] = ["CSB", "CC1", "AA1"];

fn number(fields: &mut Fields) -> String {
    whole(&fields.required("ReinsNumber")).to_string()
}

/// A whole number as a spreadsheet writes it: `1.0` is `1`.
fn whole(text: &str) -> &str {
    text.strip_suffix(".0").unwrap_or(text)
}

/// A share in [0, 1]; nothing when blank.
fn share(fields: &mut Fields, column: &str) -> Option<f64> {
    let share = fields.number(column);
    if share.is_some_and(|share| share > 1.0) {
        fields.refuse(column, "a share lies in [0, 1]", "write 12 % as 0.12");
    }
    share
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

/// An excess without an attachment or limit of its own takes a share of every loss: OED's examples have such.
fn of_a_share(treaty: &TreatyWording) -> TreatyKind {
    let own = match treaty.kind {
        TreatyKind::EventExcess => treaty.occurrence_attachment > 0.0 || treaty.occurrence_limit.is_some(),
        TreatyKind::RiskExcess => treaty.risk_attachment > 0.0 || treaty.risk_limit.is_some(),
        _ => true,
    };
    if own || treaty.ceded.or(treaty.placed).is_none() { treaty.kind } else { TreatyKind::QuotaShare }
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
fn reinstate(fields: &mut Fields, treaty: &mut TreatyWording) {
    let text = fields.text("ReinstatementCharge");
    let parts = text.split([';', ' ', '|']).filter(|part| !part.is_empty());
    let charges: Option<Vec<f64>> = parts.map(|part| part.parse().ok()).collect();
    let premium = fields.money("ReinsPremium").map_or(0.0, |amount| amount.units());
    let excess = matches!(treaty.kind, TreatyKind::EventExcess | TreatyKind::RiskExcess);
    let Some(charges) = charges else {
        return fields.refuse("ReinstatementCharge", "not a charge", "a share of ReinsPremium, such as 1 for 100 %");
    };
    if fields.text("Reinstatement").is_empty() {
        let hint = "Reinstatement is how many there are: 0 is the limit once a year";
        if charges.iter().any(|charge| *charge > 0.0) {
            fields.refuse("ReinstatementCharge", "a charge without a number of reinstatements", hint);
        } else if premium > 0.0 && excess && treaty.annual_limit.is_none() {
            let rule =
                "a premium without a number of reinstatements: the limit would be reinstated without end and free";
            fields.refuse("ReinsPremium", rule, &format!("{hint}; where that is meant, leave ReinsPremium blank"));
        }
        return;
    }
    let count = fields.whole("Reinstatement").min(1_000) as usize;
    treaty.premium = premium;
    treaty.reinstatements = match charges.as_slice() {
        [] => Some(vec![0.0; count]),
        [one] => Some(vec![*one; count]),
        each if each.len() == count => Some(each.to_vec()),
        _ => {
            let hint = "give one charge as a share of the premium (1 for 100 %), or one for each separated by ;";
            fields.refuse("ReinstatementCharge", "not as many charges as reinstatements", hint);
            None
        }
    };
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
    let row = ScopeRow {
        line: 0,
        number: number(&mut fields),
        portfolio: whole(fields.text("PortNumber")).to_string(),
        scope,
        ceded: share(&mut fields, "CededPercent"),
    };
    fields.finish(row)
}

/// Gives a treaty its scope. `CededPercent` "is specified in the reinsurance scope table for surplus treaties and in the
/// reinsurance info table for all other treaty types" (OED, *Reinsurance Types and Terms*); its default is 1.
fn cover(file: &str, treaty: &mut TreatyWording, rows: &[ScopeRow]) -> Result<(), Failure> {
    let own = treaty.ceded.take();
    let of_all = own.unwrap_or(1.0);
    let told = |row: &ScopeRow, rule: &str, hint: &str| {
        let share = row.ceded.map_or(String::new(), |share| share.to_string());
        let message = format!("{file}:{}: treaty \"{}\": CededPercent = \"{share}\": {rule}", row.line, treaty.name);
        Err(Failure::new(message).hint(hint))
    };
    let share = |row: &ScopeRow| match (treaty.kind, row.ceded) {
        (TreatyKind::Surplus, None) => {
            told(row, "a surplus (SS) needs the ceded share of each of its risks", "give it in each row of the scope")
        }
        (TreatyKind::Surplus, Some(share)) if own.is_some_and(|own| own != share) => {
            told(row, "the reinsurance info has another", "of a surplus (SS) leave it blank there")
        }
        (TreatyKind::Surplus, Some(share)) => Ok(share),
        (_, Some(share)) if share != 1.0 && share != of_all => told(
            row,
            "in the scope it is of a surplus (SS) alone",
            "of other types give CededPercent or PlacedPercent in the reinsurance info",
        ),
        _ => Ok(of_all),
    };
    let part = |row: &ScopeRow| Ok(CessionWording { ceded: Some(share(row)?), scope: row.scope.clone() });
    treaty.cession = rows.iter().map(part).collect::<Result<_, Failure>>()?;
    Ok(())
}
