//! VERIS records: the Vocabulary for Event Recording and Incident Sharing (verisframework.org), as the VERIS Community
//! Database publishes them, as JSON or as the flat sample of it.

use jiff::civil::Date;
use serde_json::Value;

use super::cause::Cause;
use super::incident::{Incident, key, twin};
use super::loss::Loss;
use crate::fault::Fault;
use crate::portfolio::{Rates, sector};
use crate::table::{Fields, Kind, Row, Table, column};

/// The columns of the flat sample that are read.
pub const VERIS_SAMPLE: Table = Table {
    name: "VERIS sample",
    meaning: "Flat extract of VERIS records: one row an incident.",
    columns: &[
        column("incident_id", Kind::Text, "", true, "Unique among the records"),
        column("timeline.incident.year", Kind::Integer, "", true, "Year"),
        column("victim.industry", Kind::Text, "NAICS", false, "Industry"),
        column("victim.revenue.amount", Kind::Money, "USD", false, "Revenue a year"),
        column("impact.overall_amount", Kind::Money, "USD", false, "Loss"),
        column("attribute.confidentiality.data_total", Kind::Integer, "", false, "Records affected"),
        column("pattern", Kind::Text, "", true, "Incident classification pattern"),
    ],
};

/// The incident of one row of the flat sample. It does not tell actors: whether a vendor was involved is unknown.
pub fn read_sample(row: &Row) -> (Option<Incident>, Vec<Fault>) {
    let mut fields = Fields::new(row, &VERIS_SAMPLE);
    let year = fields.number("timeline.incident.year").unwrap_or(0.0);
    if !(1900.0..=2200.0).contains(&year) {
        fields.refuse("timeline.incident.year", "a year between 1900 and 2200 is needed", "");
    }
    let mut incident = Incident::new(year as i16, cause_of_pattern(fields.text("pattern")));
    incident.key = key(fields.text("incident_id"));
    incident.industry = sector(&fields.naics("victim.industry"));
    incident.revenue = fields.money("victim.revenue.amount").map(|m| m.units()).filter(|r| *r > 0.0);
    incident.records = fields.optional_count("attribute.confidentiality.data_total");
    incident.loss = loss(fields.money("impact.overall_amount").map(|m| m.units()));
    fields.finish(incident)
}

fn loss(amount: Option<f64>) -> Option<Loss> {
    let above = amount.filter(|amount| *amount > 0.0 && amount.is_finite());
    above.map(|amount| Loss { amount, retention: 0.0, censored: false })
}

/// The cause of an incident classification pattern (Verizon, *Data Breach Investigations Report* 2014, figure 16 and the
/// nine patterns after it). *Cyber-espionage* is a motive and *everything else* a rest: neither says how it began. Of
/// several patterns the first that says it counts.
pub fn cause_of_pattern(patterns: &str) -> Cause {
    let one = |pattern: &str| match pattern.trim() {
        "Web Applications" | "Basic Web Application Attacks" | "Point of Sale" | "System Intrusion" => Cause::Hacking,
        "Social Engineering" => Cause::Email,
        "Crimeware" => Cause::Malware,
        "Denial of Service" => Cause::DenialOfService,
        "Privilege Misuse" => Cause::Insider,
        "Miscellaneous Errors" => Cause::Error,
        "Lost and Stolen Assets" | "Payment Card Skimmers" => Cause::Physical,
        _ => Cause::Unknown,
    };
    patterns.split('|').map(one).find(|cause| *cause != Cause::Unknown).unwrap_or(Cause::Unknown)
}

/// The incident of one JSON record. Amounts are in US dollars unless the record says otherwise.
pub fn read_json(record: &Value, rates: &Rates) -> (Option<Incident>, Vec<Fault>) {
    let mut faults = Vec::new();
    if !record.is_object() {
        return (
            None,
            vec![Fault::new("", &record.to_string(), "not a VERIS record").hint("a record is a JSON object")],
        );
    }
    let status = text(record, "/security_incident");
    if matches!(status, "False positive" | "Near miss") {
        faults.push(Fault::new("security_incident", status, "no incident: a false positive or a near miss"));
    }
    let number = |path: &str| record.pointer(path).and_then(Value::as_f64);
    let year = number("/timeline/incident/year").unwrap_or(0.0);
    if !(1900.0..=2200.0).contains(&year) {
        let seen = record.pointer("/timeline/incident/year").map_or(String::new(), Value::to_string);
        faults.push(Fault::new("timeline.incident.year", &seen, "a year between 1900 and 2200 is needed"));
    }
    let mut incident = Incident::new(year as i16, cause(record.get("action").unwrap_or(&Value::Null)));
    let part = |name: &str| number(&format!("/timeline/incident/{name}")).map(|n| n as i8);
    incident.date = part("month").zip(part("day")).and_then(|(month, day)| Date::new(year as i16, month, day).ok());
    incident.key = key(text(record, "/incident_id"));
    let victim = record.get("victim").map_or(&Value::Null, |v| v.get(0).unwrap_or(v));
    incident.industry = sector(text(victim, "/industry"));
    incident.vendor = vendor(record);
    incident.records = number("/attribute/confidentiality/data_total").filter(|n| *n >= 0.0).map(|n| n as u64);
    let mut money = |value: Option<&Value>, amount: &str| {
        let place = value?;
        let units = place.get(amount).and_then(Value::as_f64)?;
        let code = place.get("iso_currency_code").and_then(Value::as_str).unwrap_or("USD");
        let rate = rates.rate(code);
        if units < 0.0 {
            faults.push(Fault::new(amount, &units.to_string(), "must not be negative"));
        } else if rate.is_none() {
            let hint = format!("give one, such as --rate {code}=1.0842");
            faults.push(Fault::new("iso_currency_code", code, "no rate into US dollars; left out").hint(hint).kept());
        }
        Some(units * rate?)
    };
    incident.revenue = money(victim.get("revenue"), "amount").filter(|r| *r > 0.0 && r.is_finite());
    incident.loss = loss(money(record.get("impact"), "overall_amount"));
    incident.twin = twin(&[text(victim, "/victim_id"), &year.to_string(), text(record, "/summary")]);
    let stands = faults.iter().all(|f| f.outcome == crate::fault::Outcome::Kept);
    (stands.then_some(incident), faults)
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

/// Whether a partner had a hand in it: an actor of kind *partner*, or an attack that came in by one (vector *Partner*).
/// A record that names no actor at all does not tell.
fn vendor(record: &Value) -> Option<bool> {
    let actors = record.get("actor").and_then(Value::as_object)?;
    let vector = record
        .get("action")
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|a| a.values())
        .any(|own| has(own, "vector", |v| v == "Partner"));
    if actors.contains_key("partner") || vector {
        return Some(true);
    }
    (!actors.is_empty() && !actors.contains_key("unknown")).then_some(false)
}

/// Whether the list `key` of an action has a word that is `like` this.
fn has(action: &Value, key: &str, like: impl Fn(&str) -> bool) -> bool {
    action.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).any(like)
}

/// The root cause of a record's actions (VERIS 1.3 and 1.4, sections *action*: malware, hacking, social, misuse, physical,
/// error, environmental). Records name all actions of a chain, not their order; what opens a chain goes first: a message
/// (social or malware with an *email* vector), then hacking, malicious software, misuse, error, theft or loss.
/// Ransomware is told from other software, though another action may have let it in.
pub fn cause(action: &Value) -> Cause {
    let of = |name: &str| action.get(name).filter(|a| a.is_object());
    let email =
        |name: &str| of(name).is_some_and(|a| has(a, "vector", |v| v.to_ascii_lowercase().starts_with("email")));
    let variety = |name: &str, word: &str| of(name).is_some_and(|a| has(a, "variety", |v| v == word));
    let phished = ["Phishing", "Pretexting", "Spam"].iter().any(|word| variety("social", word));
    if email("social") || email("malware") || phished {
        Cause::Email
    } else if variety("malware", "Ransomware") {
        Cause::Ransomware
    } else if variety("hacking", "DoS") || variety("malware", "DoS") {
        Cause::DenialOfService
    } else if of("hacking").is_some() {
        Cause::Hacking
    } else if of("malware").is_some() {
        Cause::Malware
    } else if of("misuse").is_some() {
        Cause::Insider
    } else if variety("error", "Loss") || of("physical").is_some() {
        Cause::Physical
    } else if of("error").is_some() {
        Cause::Error
    } else if of("environmental").is_some() {
        Cause::SystemFailure
    } else if of("social").is_some() {
        Cause::Other
    } else {
        Cause::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeMap;

    fn dollars() -> Rates {
        Rates::new("USD", &BTreeMap::new()).unwrap()
    }

    #[test]
    fn what_opens_a_chain_of_actions_is_its_cause() {
        for (action, want) in [
            (
                json!({"social": {"variety": ["Phishing"], "vector": ["Email"]}, "malware": {"variety": ["Ransomware"]}}),
                Cause::Email,
            ),
            (json!({"malware": {"variety": ["Backdoor"], "vector": ["Email attachment"]}}), Cause::Email),
            (
                json!({"hacking": {"variety": ["Use of stolen creds"]}, "malware": {"variety": ["Ransomware"]}}),
                Cause::Ransomware,
            ),
            (json!({"hacking": {"variety": ["DoS"]}}), Cause::DenialOfService),
            (json!({"hacking": {"variety": ["SQLi"]}, "misuse": {"variety": ["Unknown"]}}), Cause::Hacking),
            (json!({"misuse": {"variety": ["Data mishandling"]}, "physical": {"variety": ["Theft"]}}), Cause::Insider),
            (json!({"error": {"variety": ["Loss"]}}), Cause::Physical),
            (json!({"error": {"variety": ["Misdelivery"]}}), Cause::Error),
            (json!({"unknown": {}}), Cause::Unknown),
            (json!(null), Cause::Unknown),
        ] {
            assert_eq!(cause(&action), want, "{action}");
        }
    }

    #[test]
    fn a_record_gives_year_day_vendor_and_loss() {
        let record = json!({
            "incident_id": "X", "security_incident": "Confirmed",
            "timeline": {"incident": {"year": 2018, "month": 2, "day": 5}},
            "victim": {"industry": "923120", "victim_id": "Department", "revenue": {"amount": 5e6, "iso_currency_code": "USD"}},
            "actor": {"external": {}, "partner": {}}, "action": {"physical": {"variety": ["Theft"]}},
            "attribute": {"confidentiality": {"data_total": 779}}, "impact": {"overall_amount": 90000},
        });
        let (incident, faults) = read_json(&record, &dollars());
        let incident = incident.unwrap();
        assert!(faults.is_empty());
        assert_eq!((incident.year, incident.vendor, incident.records), (2018, Some(true), Some(779)));
        assert_eq!(incident.date, Some(jiff::civil::date(2018, 2, 5)));
        assert_eq!(incident.loss.map(|l| l.amount), Some(90_000.0));
    }

    #[test]
    fn what_is_no_incident_is_set_aside() {
        for record in [
            json!({"security_incident": "Near miss", "timeline": {"incident": {"year": 2018}}}),
            json!({"timeline": {"incident": {}}}),
            json!({"timeline": {"incident": {"year": 2018}}, "impact": {"overall_amount": -1.0}}),
            json!([1, 2]),
        ] {
            assert_eq!(read_json(&record, &dollars()).0, None, "{record}");
        }
    }

    #[test]
    fn a_motive_is_no_cause() {
        assert_eq!(cause_of_pattern("Cyber-Espionage"), Cause::Unknown);
        assert_eq!(cause_of_pattern("Privilege Misuse|Lost and Stolen Assets"), Cause::Insider);
        assert_eq!(cause_of_pattern("Cyber-Espionage|Web Applications"), Cause::Hacking);
    }
}
