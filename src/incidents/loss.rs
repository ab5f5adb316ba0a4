//! What is known of the loss of a record: from ground up, above a retention, up to a limit, by coverage.

use crate::portfolio::Coverage;
use crate::table::Fields;

/// What is known of the loss of one incident, in US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// From ground up, retention included; a lower bound when `censored`. Above zero.
    pub amount: f64,
    /// Losses at or below it would not be in the records (left truncation); zero when all are.
    pub retention: f64,
    /// The loss is at least the amount: cut off at the policy's limit, or the claim is still open.
    pub censored: bool,
}

/// How a loss falls on coverages.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Shares of the loss, in the order of [`Coverage::ALL`]; they add up to one.
    pub shares: [f64; Coverage::COUNT],
    /// Whether the claim is open: the whole may fall otherwise than what is known so far.
    pub open: bool,
}

/// The loss of a row, and how it falls on coverages; what contradicts itself is refused.
pub fn read(fields: &mut Fields, rate: f64) -> (Option<Loss>, Option<Box<Split>>) {
    let (open, parts) = (status(fields), parts(fields));
    (loss(fields, &parts, open, rate), split(&parts, open).map(Box::new))
}

/// The loss of a row in US dollars.
///
/// A loss is known only above the retention (left truncation) and only up to retention and limit together, or up to what
/// is paid so far while the claim is open (right censoring): Klugman, Panjer, Willmot, *Loss Models*, 4th ed., section
/// 13.2 on truncated and censored data.
fn loss(fields: &mut Fields, parts: &[f64], open: bool, rate: f64) -> Option<Loss> {
    let retention = fields.money("retention").map_or(0.0, |m| m.units());
    let limit = fields.money("limit").map(|m| m.units());
    if limit == Some(0.0) {
        fields.refuse(
            "limit",
            "a claim under a limit of zero says nothing of its loss",
            "leave blank what did not apply",
        );
    }
    let total = total(fields, parts)?;
    let paid = basis(fields);
    if paid && limit.is_some_and(|limit| total > limit + 0.005) {
        fields.refuse(
            "loss",
            "paid more than the limit",
            "is it a loss from ground up, or the limit another policy's?",
        );
    }
    let ground_up = if paid { total + retention } else { total };
    let most = limit.map_or(f64::INFINITY, |limit| retention + limit);
    if ground_up > most + 0.005 {
        fields.warn("loss", "above retention and limit together; counted as at least their sum", "");
    }
    if ground_up <= retention || ground_up <= 0.0 {
        if ground_up > 0.0 {
            let hint = "losses below the retention are known by chance: severities are fitted to those above it";
            fields.warn("loss", "not above the retention; the incident is counted, its loss is not used", hint);
        }
        return None;
    }
    let censored = open || ground_up >= most;
    Some(Loss { amount: ground_up.min(most) * rate, retention: retention * rate, censored })
}

/// What the row has under each coverage; nothing where it tells none.
fn parts(fields: &mut Fields) -> Vec<f64> {
    let amounts = BY_COVERAGE.map(|column| fields.money(column).map(|m| m.units()));
    if amounts.iter().all(Option::is_none) { Vec::new() } else { amounts.map(|m| m.unwrap_or(0.0)).to_vec() }
}

/// Columns of losses by coverage, in the order of [`Coverage::ALL`].
const BY_COVERAGE: [&str; Coverage::COUNT] =
    ["loss_npbi", "loss_cbi", "loss_dias", "loss_ext", "loss_fin", "loss_inre", "loss_lia", "loss_reg", "loss_eno"];

fn split(parts: &[f64], open: bool) -> Option<Split> {
    let sum: f64 = parts.iter().sum();
    let mut shares = [0.0; Coverage::COUNT];
    shares.iter_mut().zip(parts).for_each(|(share, part)| *share = part / sum);
    (sum > 0.0).then_some(Split { shares, open })
}

/// Total loss: the column `loss`, or the sum of the coverages; both must agree.
fn total(fields: &mut Fields, parts: &[f64]) -> Option<f64> {
    let sum: f64 = parts.iter().sum();
    match fields.money("loss").map(|m| m.units()) {
        Some(total) if !parts.is_empty() && (total - sum).abs() > 0.01 * total.max(sum) + 0.05 => {
            let rule = format!("not the sum of its coverages, {sum}");
            fields.refuse("loss", &rule, "leave the total blank, or mend the parts");
            None
        }
        Some(total) => Some(total),
        None if parts.is_empty() => None,
        None => Some(sum),
    }
}

fn status(fields: &mut Fields) -> bool {
    match fields.text("status").to_ascii_lowercase().as_str() {
        "open" | "reopened" | "re-opened" => true,
        "" | "closed" => false,
        _ => {
            fields.refuse("status", "must be open or closed", "");
            false
        }
    }
}

fn basis(fields: &mut Fields) -> bool {
    match fields.text("basis").to_ascii_lowercase().replace(['_', '-'], " ").as_str() {
        "" | "ground up" => false,
        "paid" | "incurred" => true,
        _ => {
            fields.refuse("basis", "must be ground up or paid", "");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::incident::tests::read_one;

    fn loss_of(cells: &[(&str, &str)]) -> Option<Loss> {
        let (incident, faults) = read_one(&[&[("date", "2020-05-31"), ("cause", "email")], cells].concat());
        incident.unwrap_or_else(|| panic!("{faults:?}")).loss
    }

    /// By hand: a loss of 150,000 under a retention of 25,000 and a limit of 100,000 is known to be at least 125,000; one of
    /// 100,000 is known. Paid 75,000 above 25,000 is 100,000 from ground up. In euros at 2, twice that.
    #[test]
    fn retention_truncates_and_the_limit_censors() {
        let terms = [("retention", "25000"), ("limit", "100000")];
        let with = |more: &[(&'static str, &'static str)]| loss_of(&[&terms[..], more].concat());
        let loss = |amount: f64, censored| Some(Loss { amount, retention: 25_000.0, censored });
        assert_eq!(with(&[("loss", "150000")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "125000")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "100000")]), loss(100_000.0, false));
        assert_eq!(with(&[("loss", "75000"), ("basis", "paid")]), loss(100_000.0, false));
        assert_eq!(with(&[("loss", "100000"), ("basis", "paid")]), loss(125_000.0, true));
        assert_eq!(with(&[("loss", "100000"), ("status", "open")]), loss(100_000.0, true));
        assert_eq!(with(&[("loss", "25000")]), None);
        assert_eq!(with(&[("loss_inre", "60000"), ("loss_ext", "40000")]), loss(100_000.0, false));
        let euros = with(&[("loss", "100000"), ("currency", "EUR")]).unwrap();
        assert_eq!((euros.amount, euros.retention), (200_000.0, 50_000.0));
    }

    /// The columns by coverage are those of the coverages' codes, and a loss of 60,000 and 40,000 falls by 60 and 40 %.
    #[test]
    fn a_loss_by_coverage_tells_how_it_falls_on_them() {
        let codes = Coverage::ALL.map(|c| format!("loss_{}", c.code().to_ascii_lowercase()));
        assert_eq!(codes, BY_COVERAGE);
        let parts = [("date", "2020"), ("loss_inre", "60000"), ("loss_ext", "40000"), ("status", "open")];
        let split = read_one(&parts).0.unwrap().by_coverage.unwrap();
        assert_eq!(split.shares[Coverage::IncidentResponse as usize], 0.6);
        assert!(split.open && split.shares[Coverage::Extortion as usize] == 0.4);
        assert_eq!(read_one(&[("date", "2020"), ("loss", "100")]).0.unwrap().by_coverage, None);
    }
}
