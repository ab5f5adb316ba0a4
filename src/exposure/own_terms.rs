//! Terms that an exposure has no column for, as text.

use crate::money::Cents;
use crate::portfolio::{Coverage, Terms, WaitingKind};

/// `INRE sublimit 250000 deductible 1000; FIN excluded`: only terms that are not the default, nor those of the first coverage
/// and of business interruption that have columns.
pub(super) fn write_own_terms(terms: &Terms) -> String {
    let coinsurance = terms.coverages[0].coinsurance;
    let part = |coverage: Coverage| {
        let own = &terms.coverages[coverage as usize];
        let code = coverage.code();
        if !own.covered {
            return Some(format!("{code} excluded"));
        }
        let mut text = code.to_string();
        if own.sublimit != Cents::UNLIMITED {
            text += &format!(" sublimit {}", own.sublimit);
        }
        if own.annual_sublimit {
            text += " annual";
        }
        if own.deductible != Cents::ZERO {
            text += &format!(" deductible {}", own.deductible);
        }
        if own.franchise {
            text += " franchise";
        }
        if own.coinsurance != coinsurance {
            text += &format!(" coinsurance {}", own.coinsurance);
        }
        let waiting = terms.contingent_waiting;
        if coverage == Coverage::ContingentBusinessInterruption && waiting != terms.waiting {
            text +=
                &format!(" waiting {} {} indemnity {}", waiting.hours, waiting.kind.as_str(), waiting.indemnity_hours);
        }
        (text != code).then_some(text)
    };
    Coverage::ALL.into_iter().filter_map(part).chain(write_whole(terms)).collect::<Vec<_>>().join("; ")
}

/// Terms of the whole policy that have no column.
fn write_whole(terms: &Terms) -> Option<String> {
    let mut text = "ALL".to_string();
    if terms.retention_aggregate != Cents::UNLIMITED {
        text += &format!(" retention-a-year {}", terms.retention_aggregate);
    }
    if terms.policy_limit != Cents::UNLIMITED {
        text += &format!(" limit {}", terms.policy_limit);
    }
    if terms.retention_franchise {
        text += " franchise";
    }
    (text != "ALL").then_some(text)
}

/// Terms as `coverage_terms` changes them; else the part that can't be read.
pub(super) fn read_own_terms(text: &str, mut own: Terms) -> Result<Terms, String> {
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let mut words = part.split_whitespace();
        let (code, words) = (words.next().unwrap_or_default(), &mut words);
        let read = match Coverage::parse(code) {
            _ if code.eq_ignore_ascii_case("ALL") => read_whole(&mut own, words),
            Some(coverage) => read_coverage(&mut own, coverage, words),
            None => None,
        };
        read.ok_or(part)?;
    }
    Ok(own)
}

fn read_coverage<'a>(own: &mut Terms, coverage: Coverage, words: &mut impl Iterator<Item = &'a str>) -> Option<()> {
    let contingent = coverage == Coverage::ContingentBusinessInterruption;
    let (terms, waiting) = (&mut own.coverages[coverage as usize], &mut own.contingent_waiting);
    while let Some(word) = words.next() {
        match word {
            "excluded" => terms.covered = false,
            "annual" => terms.annual_sublimit = true,
            "franchise" => terms.franchise = true,
            "sublimit" => terms.sublimit = amount(words.next()?)?,
            "deductible" => terms.deductible = amount(words.next()?)?,
            "coinsurance" => terms.coinsurance = number(words.next()?).filter(|share| *share < 1.0)?,
            "waiting" if contingent => waiting.hours = number(words.next()?)?,
            "retention" if contingent => waiting.kind = WaitingKind::Retention,
            "qualifying" if contingent => waiting.kind = WaitingKind::Qualifying,
            "indemnity" if contingent => waiting.indemnity_hours = number(words.next()?)?,
            _ => return None,
        }
    }
    Some(())
}

fn read_whole<'a>(own: &mut Terms, words: &mut impl Iterator<Item = &'a str>) -> Option<()> {
    while let Some(word) = words.next() {
        match word {
            "retention-a-year" => own.retention_aggregate = amount(words.next()?)?,
            "limit" => own.policy_limit = amount(words.next()?)?,
            "franchise" => own.retention_franchise = true,
            _ => return None,
        }
    }
    Some(())
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)
}

fn amount(text: &str) -> Option<Cents> {
    Cents::parse(text).filter(|amount| *amount >= Cents::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::Waiting;

    #[test]
    fn terms_without_a_column_survive_their_text() {
        let of_all = Terms::default().coinsurance(0.2).waiting(Waiting { hours: 8.0, ..Waiting::default() });
        let mut own = Terms { retention_aggregate: Cents(9_000), policy_limit: Cents(500), ..of_all };
        own.coverages[0].sublimit = Cents(25_000_050);
        own.coverages[0].annual_sublimit = true;
        own.coverages[0].deductible = Cents(100_000);
        own.contingent_waiting = Waiting { hours: 12.5, kind: WaitingKind::Qualifying, indemnity_hours: 720.0 };
        own.coverages[3].coinsurance = 0.0;
        own.coverages[4].covered = false;
        own.coverages[8].franchise = true;
        let text = write_own_terms(&own);
        assert_eq!(
            text,
            "NPBI sublimit 250000.50 annual deductible 1000; CBI waiting 12.5 qualifying indemnity 720; EXT coinsurance 0; \
             FIN excluded; ENO franchise; ALL retention-a-year 90 limit 5"
        );
        assert_eq!(read_own_terms(&text, of_all), Ok(own));
        for (text, part) in [
            ("NPBI sublimit", "NPBI sublimit"),
            ("FIN excluded; ALL sublimit 3", "ALL sublimit 3"),
            ("XYZ excluded", "XYZ excluded"),
            ("EXT sublimit -5", "EXT sublimit -5"),
            ("EXT coinsurance 1", "EXT coinsurance 1"),
            ("EXT waiting 8", "EXT waiting 8"),
        ] {
            assert_eq!(read_own_terms(text, of_all), Err(part.to_string()), "{text}");
        }
        let mut extortion = of_all;
        extortion.coverages[Coverage::Extortion as usize].covered = false;
        assert_eq!(read_own_terms("extortion excluded", of_all), Ok(extortion));
    }
}
