//! Treaties as they are written: a TOML file, checked and brought to the reporting currency.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::places::Places;
use super::programme::ScopePart;
use super::{Ceded, Layer, Programme, Reinstatements, RiskLevel, Scope, Treaty};
use crate::catalogue::parse_toml;
use crate::fault::Failure;
use crate::money::{Cents, Share};
use crate::portfolio::Rates;

/// A programme of treaties.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeFile {
    /// Currency of amounts of treaties that name none [default: the reporting currency].
    #[serde(default)]
    pub currency: Option<String>,
    /// Treaties. Those of one inuring number apply in this order.
    pub treaty: Vec<TreatyWording>,
}

/// What sort of treaty it is. All kinds follow one formula; the kind says which terms must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreatyKind {
    /// A share of every loss (OED `QS`).
    #[default]
    QuotaShare,
    /// A share of each risk that is larger than a retained line (OED `SS`).
    Surplus,
    /// Excess of loss for each risk (OED `PR`).
    RiskExcess,
    /// For named policies, insureds or locations alone (OED `FAC`).
    Facultative,
    /// Excess of loss for each occurrence (OED `CXL`).
    EventExcess,
    /// Excess of the losses of a year (OED `AXL`).
    AggregateExcess,
}

/// One treaty. Amounts are of 100 % of it, in units of its currency. A limit that is not given is none.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TreatyWording {
    /// For reading; unique in the file.
    pub name: String,
    /// Kind.
    pub kind: TreatyKind,
    /// Treaties with a lower number come first and inure to the benefit of those after them.
    pub inuring: u32,
    /// Ceded share: of each loss, before any other term.
    pub ceded: f64,
    /// Placed share: of the recovery, after all other terms.
    pub placed: f64,
    /// The reinsurer's share of what is placed.
    pub treaty_share: f64,
    /// What counts as one risk.
    pub risk: RiskLevel,
    /// Each risk in an occurrence: attachment.
    pub risk_attachment: f64,
    /// Each risk in an occurrence: limit.
    pub risk_limit: Option<f64>,
    /// Each occurrence: attachment.
    pub occurrence_attachment: f64,
    /// Each occurrence: limit.
    pub occurrence_limit: Option<f64>,
    /// Annual aggregate deductible, or the attachment of an aggregate excess.
    pub annual_deductible: f64,
    /// Annual aggregate limit.
    pub annual_limit: Option<f64>,
    /// Reinstatements of the occurrence limit (of the risk limit where there is none): the charge for each, as a share of
    /// the premium, pro rata as to amount and 100 % as to time; 0 is free. An empty list: the limit once a year. Not
    /// given: reinstated without end and free.
    pub reinstatements: Option<Vec<f64>>,
    /// Premium that reinstatements are charged on.
    pub premium: f64,
    /// Surplus: the line that is kept of each risk's sum insured.
    pub retained_line: Option<f64>,
    /// Surplus: how many lines the treaty takes above the retained one.
    pub lines: Option<f64>,
    /// ISO 4217 [default: the file's].
    pub currency: Option<String>,
    /// What it covers [default: everything].
    pub scope: Scope,
    /// Shares that differ by risk, in the place of `scope` and `ceded`.
    pub cession: Vec<CessionWording>,
}

/// A part of the scope with a ceded share of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CessionWording {
    /// Ceded share of its risks.
    pub ceded: f64,
    /// What it covers.
    pub scope: Scope,
}

impl Default for TreatyWording {
    fn default() -> TreatyWording {
        TreatyWording {
            name: String::new(),
            kind: TreatyKind::QuotaShare,
            inuring: 1,
            ceded: 1.0,
            placed: 1.0,
            treaty_share: 1.0,
            risk: RiskLevel::Policy,
            risk_attachment: 0.0,
            risk_limit: None,
            occurrence_attachment: 0.0,
            occurrence_limit: None,
            annual_deductible: 0.0,
            annual_limit: None,
            reinstatements: None,
            premium: 0.0,
            retained_line: None,
            lines: None,
            currency: None,
            scope: Scope::default(),
            cession: Vec::new(),
        }
    }
}

/// Reads a programme file.
///
/// # Errors
/// When it can't be read, has an unknown key, or a treaty breaks a rule: a treaty is never left out.
pub fn read_toml(path: &Path, rates: &Rates) -> Result<Programme, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::io("read", path, &e))?;
    let name = path.display().to_string();
    Ok(resolve(&name, parse_toml(&name, &text)?, rates)?.written(Places::of_toml(&name, &text)))
}

/// The programme of a file's treaties.
///
/// # Errors
/// When one breaks a rule, with its name and the rule.
pub fn resolve(file: &str, written: ProgrammeFile, rates: &Rates) -> Result<Programme, Failure> {
    let mut treaties: Vec<Treaty> = Vec::with_capacity(written.treaty.len());
    for mut wording in written.treaty {
        wording.currency = wording.currency.or_else(|| written.currency.clone());
        let treaty = wording.resolve(rates).map_err(|mut failure| {
            failure.message = format!("{file}: treaty \"{}\": {}", wording.name, failure.message);
            failure
        })?;
        if treaties.iter().any(|other| other.name == treaty.name) {
            return Err(Failure::new(format!("{file}: two treaties are called \"{}\"", treaty.name))
                .hint("give each a name of its own: results are by name"));
        }
        treaties.push(treaty);
    }
    if treaties.is_empty() {
        return Err(Failure::new(format!("{file}: there is no treaty in it")));
    }
    Ok(Programme::new(treaties))
}

impl TreatyWording {
    /// The treaty in the reporting currency.
    ///
    /// # Errors
    /// When an amount or share is out of range, or a term that the kind needs is missing.
    fn resolve(&self, rates: &Rates) -> Result<Treaty, Failure> {
        self.check()?;
        let code = self.currency.as_deref().unwrap_or(&rates.reporting).to_ascii_uppercase();
        if rates.rate(&code).is_none() {
            return Err(Failure::new(format!("currency = \"{code}\": no rate into {}", rates.reporting))
                .hint(format!("give one, such as --rate {code}=1.0842")));
        }
        let amount = |key: &str, units: f64| money(key, units).map(|cents| rates.convert(cents, &code));
        let limit = |key: &str, units: Option<f64>| units.map_or(Ok(Cents::UNLIMITED), |units| amount(key, units));
        let risk = Layer {
            attachment: amount("risk_attachment", self.risk_attachment)?,
            limit: limit("risk_limit", self.risk_limit)?,
        };
        let occurrence = Layer {
            attachment: amount("occurrence_attachment", self.occurrence_attachment)?,
            limit: limit("occurrence_limit", self.occurrence_limit)?,
        };
        let premium = amount("premium", self.premium)?;
        let reinstatements = self.reinstatements(risk, occurrence, premium)?;
        let annual_limit = reinstatements.as_ref().map(Reinstatements::annual_limit);
        let annual = Layer {
            attachment: amount("annual_deductible", self.annual_deductible)?,
            limit: annual_limit.map_or_else(|| limit("annual_limit", self.annual_limit), Ok)?,
        };
        let placed = share("placed", self.placed)?.times(share("treaty_share", self.treaty_share)?);
        let ceded = self.ceded(&amount)?;
        let scope = self.scope_parts()?;
        Ok(Treaty {
            name: self.name.clone(),
            inuring: self.inuring,
            ceded,
            level: self.risk,
            risk,
            occurrence,
            annual,
            reinstatements,
            placed,
            scope,
        })
    }

    fn ceded(&self, amount: &dyn Fn(&str, f64) -> Result<Cents, Failure>) -> Result<Ceded, Failure> {
        if let Some(first) = self.cession.first().map(|c| c.ceded) {
            let same = self.cession.iter().all(|c| c.ceded == first);
            return Ok(if same { Ceded::Share(share("cession.ceded", first)?) } else { Ceded::ByScope });
        }
        let Some(line) = self.retained_line else { return Ok(Ceded::Share(share("ceded", self.ceded)?)) };
        let retained = amount("retained_line", line)?;
        let capacity = amount("lines", line * self.lines.unwrap_or_default())?;
        Ok(Ceded::Surplus { retained, capacity })
    }

    fn scope_parts(&self) -> Result<Vec<ScopePart>, Failure> {
        if self.cession.is_empty() {
            return Ok(vec![ScopePart { scope: self.scope.normal(), ceded: None }]);
        }
        let part = |c: &CessionWording| {
            share("cession.ceded", c.ceded).map(|ceded| ScopePart { scope: c.scope.normal(), ceded: Some(ceded) })
        };
        self.cession.iter().map(part).collect()
    }

    fn reinstatements(
        &self,
        risk: Layer,
        occurrence: Layer,
        premium: Cents,
    ) -> Result<Option<Reinstatements>, Failure> {
        let Some(charges) = &self.reinstatements else { return Ok(None) };
        let limit = if occurrence.limit == Cents::UNLIMITED { risk.limit } else { occurrence.limit };
        let billionths = |charge: &f64| {
            (charge.is_finite() && (0.0..=10.0).contains(charge))
                .then(|| (charge * 1e9).round() as u64)
                .ok_or_else(|| Failure::new(format!("reinstatements: a charge of {charge} lies outside [0, 10]")))
        };
        let charges = charges.iter().map(billionths).collect::<Result<Vec<u64>, Failure>>()?;
        let paid = charges.iter().any(|charge| *charge > 0);
        match () {
            () if limit == Cents::UNLIMITED => Err(Failure::new("reinstatements of a limit that is not given")
                .hint("give occurrence_limit (or risk_limit)")),
            () if self.annual_limit.is_some() => Err(Failure::new("both reinstatements and annual_limit are given")
                .hint("n reinstatements are an annual limit of n + 1 times the limit: give one of the two")),
            () if paid && premium == Cents::ZERO => Err(Failure::new("paid reinstatements without a premium")
                .hint("give premium, or charges of 0 for free reinstatements")),
            () => Ok(Some(Reinstatements { limit, premium, charges })),
        }
    }

    /// Terms that the kind needs, or has no use for.
    fn check(&self) -> Result<(), Failure> {
        let surplus = self.retained_line.is_some() || self.lines.is_some() || !self.cession.is_empty();
        let own_share = !self.cession.is_empty();
        let named = self.scope.names_risks() || self.cession.iter().all(|c| c.scope.names_risks()) && own_share;
        let rule = match self.kind {
            _ if self.name.trim().is_empty() => "it has no name",
            _ if self.inuring == 0 => "inuring numbers begin at 1",
            _ if own_share && (self.scope != Scope::default() || self.ceded != 1.0) => {
                "[[treaty.cession]] stands in the place of scope and ceded: give one of the two"
            }
            _ if own_share && self.retained_line.is_some() => {
                "retained_line and [[treaty.cession]]: give one of the two"
            }
            TreatyKind::Surplus if self.retained_line.is_some() != self.lines.is_some() => {
                "a surplus needs both retained_line and lines"
            }
            TreatyKind::Surplus if !surplus => "a surplus needs retained_line and lines, or [[treaty.cession]]",
            TreatyKind::Surplus => return Ok(()),
            _ if self.retained_line.is_some() || self.lines.is_some() => "retained_line and lines belong to a surplus",
            TreatyKind::Facultative if !named => {
                "a facultative treaty needs policies, insureds or locations in its scope"
            }
            TreatyKind::AggregateExcess if self.annual_deductible == 0.0 && self.annual_limit.is_none() => {
                "an aggregate excess needs annual_deductible or annual_limit"
            }
            _ => return Ok(()),
        };
        Err(Failure::new(rule))
    }
}

fn money(key: &str, units: f64) -> Result<Cents, Failure> {
    Cents::from_units(units)
        .filter(|cents| *cents >= Cents::ZERO)
        .ok_or_else(|| Failure::new(format!("{key} = {units}: not an amount of at least zero that fits 64 bits")))
}

fn share(key: &str, share: f64) -> Result<Share, Failure> {
    Share::of_decimal(share)
        .ok_or_else(|| Failure::new(format!("{key} = {share}: a share lies in [0, 1]")).hint("write 12 % as 0.12"))
}
