//! The breach export of the US Department of Health and Human Services, Office for Civil Rights: breaches of unsecured
//! protected health information that affected 500 or more individuals (45 CFR § 164.408).

use jiff::civil::Date;

use super::cause::Cause;
use super::incident::{Incident, twin};
use crate::fault::Fault;
use crate::portfolio::sector;
use crate::table::{Fields, Kind, Row, Table, column};

/// The columns of the export that are read.
pub const HHS: Table = Table {
    name: "HHS breaches",
    meaning: "Breach export of the US HHS Office for Civil Rights.",
    columns: &[
        column("Name of Covered Entity", Kind::Text, "", true, "Who reported it"),
        column("Covered Entity Type", Kind::Text, "", true, "Provider, plan, clearing house or business associate"),
        column("Individuals Affected", Kind::Integer, "", true, "Individuals whose records were affected"),
        column(
            "Breach Submission Date",
            Kind::Text,
            "month/day/year",
            true,
            "When it was reported; when it happened is not told",
        ),
        column("Type of Breach", Kind::Text, "", true, "One or several types"),
        column("Location of Breached Information", Kind::Text, "", true, "One or several places"),
        column("Business Associate Present", Kind::Text, "", true, "Whether a vendor was involved"),
    ],
};

/// The incident of one row.
pub fn read(row: &Row) -> (Option<Incident>, Vec<Fault>) {
    let mut fields = Fields::new(row, &HHS);
    let day = submitted(&mut fields);
    let cause = cause(fields.text("Type of Breach"), fields.text("Location of Breached Information"));
    let mut incident = Incident::new(day.map_or(0, Date::year), cause);
    incident.reported = day;
    incident.vendor = match fields.text("Business Associate Present") {
        "Yes" => Some(true),
        "No" => Some(false),
        _ => None,
    };
    incident.industry = match fields.text("Covered Entity Type") {
        "Healthcare Provider" => sector("62"),
        "Health Plan" => sector("52"),
        "Healthcare Clearing House" => sector("51"),
        _ => sector(""),
    };
    incident.records = fields.optional_count("Individuals Affected");
    let telling = [
        "Name of Covered Entity",
        "Breach Submission Date",
        "Type of Breach",
        "Location of Breached Information",
        "Individuals Affected",
    ];
    incident.twin = twin(&telling.map(|column| fields.text(column)));
    fields.finish(incident)
}

fn submitted(fields: &mut Fields) -> Option<Date> {
    let text = fields.text("Breach Submission Date");
    let parts: Vec<i16> = text.split('/').filter_map(|part| part.parse().ok()).collect();
    let day = match parts.as_slice() {
        [month, day, year] => Date::new(*year, *month as i8, *day as i8).ok(),
        _ => None,
    };
    let day = day.filter(|day| (1900..=2200).contains(&day.year()));
    if day.is_none() {
        fields.refuse("Breach Submission Date", "not a date", "the export writes month/day/year: 05/31/2023");
    }
    day
}

/// The cause of types and locations of a breach, as HHS lists them (breach portal notice fields, OMB 0945-0001).
///
/// Of several types the one that needs an attacker goes first: hacking, theft and loss, disclosure, disposal. Hacking at
/// a mailbox is `email`; HHS does not tell ransomware from other hacking, nor, under *unauthorized access/disclosure*,
/// insiders from mistakes.
pub fn cause(types: &str, locations: &str) -> Cause {
    let is = |word: &str| types.split(',').any(|part| part.trim() == word);
    let email = locations.split(',').any(|part| part.trim() == "Email");
    if is("Hacking/IT Incident") {
        if email { Cause::Email } else { Cause::Hacking }
    } else if is("Theft") || is("Loss") {
        Cause::Physical
    } else if is("Unauthorized Access/Disclosure") {
        Cause::Disclosure
    } else if is("Improper Disposal") {
        Cause::Error
    } else if is("Other") {
        Cause::Other
    } else {
        Cause::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_that_needs_an_attacker_goes_first() {
        for (types, locations, want) in [
            ("Hacking/IT Incident", "Email", Cause::Email),
            ("Hacking/IT Incident", "Email, Network Server", Cause::Email),
            ("Hacking/IT Incident, Theft", "Network Server", Cause::Hacking),
            ("Loss, Theft", "Laptop", Cause::Physical),
            ("Theft, Unauthorized Access/Disclosure", "Paper/Films", Cause::Physical),
            ("Unauthorized Access/Disclosure", "Email", Cause::Disclosure),
            ("Improper Disposal", "Paper/Films", Cause::Error),
            ("Other, Unknown", "Other", Cause::Other),
            ("", "", Cause::Unknown),
        ] {
            assert_eq!(cause(types, locations), want, "{types} at {locations}");
        }
    }
}
