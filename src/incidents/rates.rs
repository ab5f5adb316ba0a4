//! How often an insured has an incident that comes through a vendor, by the models that `fit` wrote or one's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::segment::Segment;
use crate::fault::{Failure, Fault};
use crate::input::Intake;
use crate::portfolio::RevenueBand;
use crate::table::{Fields, Format, Kind, Row, Table, column, read_every_row};

/// Incidents a policy-year of all causes by segment, and the share of them that comes through a vendor.
#[derive(Clone, Debug)]
pub struct VendorRates {
    rates: BTreeMap<Segment, f64>,
    share: f64,
    /// The accounts of the two tables.
    pub intakes: Vec<Intake>,
}

/// Tables in the folder.
const TABLES: [&str; 2] = ["frequency_models", "vendor_share"];

/// What is read of the frequency models.
const RATES: Table = Table {
    name: "frequency models",
    meaning: "Incidents a policy-year by segment.",
    columns: &[
        column("cause", Kind::Text, "", false, "Root cause, or all"),
        column("revenue_band", Kind::Text, "", false, "Revenue band, or all"),
        column("industry", Kind::Text, "", false, "Sector or NAICS code, or all"),
        column("rate", Kind::Number, "a policy-year", true, "Incidents"),
    ],
};

/// What is read of the vendor's share.
const SHARES: Table = Table {
    name: "vendor share",
    meaning: "Incidents that came through a vendor.",
    columns: &[
        column("by", Kind::Text, "", true, "all, or what else they are grouped by"),
        column("share", Kind::Share, "", true, "Of incidents"),
    ],
};

impl VendorRates {
    /// Reads `frequency_models` and `vendor_share` of a folder that `fit` wrote: the CSV, where there are both, since that is
    /// the one that people edit. Of the former the columns cause, revenue_band, industry and rate are enough, of the latter
    /// by and share with a row `all`.
    ///
    /// # Errors
    /// When a table is missing or a row breaks a rule: a figure is never left out in silence.
    pub fn read(folder: &Path) -> Result<VendorRates, Failure> {
        let [models, shares] = TABLES.map(|name| find(folder, name));
        let (models, shares) = (models?, shares?);
        let (rows, own) = read_every_row(&models, &RATES, rate)?;
        let rates: BTreeMap<Segment, f64> = rows.into_iter().filter(|(segment, _)| segment.cause.is_none()).collect();
        if !rates.contains_key(&Segment::ALL) {
            return Err(Failure::new(format!("{}: no rate for all insureds", models.display()))
                .hint("add a row with cause, revenue_band and industry all"));
        }
        let (rows, other) = read_every_row(&shares, &SHARES, share)?;
        let share = rows.into_iter().flatten().next().ok_or_else(|| {
            Failure::new(format!("{}: no share of all incidents", shares.display()))
                .hint("add a row with by = all: its share is that of incidents that come through a vendor")
        })?;
        Ok(VendorRates { rates, share, intakes: vec![own, other] })
    }

    /// Incidents a year that an insured of this band and sector has through a vendor.
    pub fn of(&self, band: RevenueBand, industry: &'static str) -> f64 {
        let places = Segment::lookup(None, band, industry);
        places.into_iter().find_map(|place| self.rates.get(&place)).map_or(0.0, |rate| rate * self.share)
    }
}

fn find(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    Format::find(folder, name).ok_or_else(|| {
        Failure::new(format!("{}: no {name}.csv in the folder", folder.display()))
            .hint("`blastradius fit --exposure` writes it")
    })
}

fn rate(row: &Row) -> (Option<(Segment, f64)>, Vec<Fault>) {
    let mut fields = Fields::new(row, &RATES);
    let segment = Segment::read(&mut fields);
    let rate = fields.number("rate").unwrap_or(f64::NAN);
    if !(0.0..=1e3).contains(&rate) {
        fields.refuse("rate", "must be a rate a policy-year, from 0", "");
    }
    fields.finish((segment, rate))
}

/// The share of all incidents, where the row is that of all.
fn share(row: &Row) -> (Option<Option<f64>>, Vec<Fault>) {
    let mut fields = Fields::new(row, &SHARES);
    let all = fields.text("by") == "all";
    let share = if all { fields.probability("share") } else { None };
    if all && share.is_none() {
        fields.refuse("share", "must be a share between 0 and 1", "");
    }
    fields.finish(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(models: &str, shares: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("frequency_models.csv"), models).unwrap();
        std::fs::write(folder.path().join("vendor_share.csv"), shares).unwrap();
        folder
    }

    /// By hand: 0.2 a policy-year in health care, 0.1 elsewhere, a quarter of them through a vendor.
    #[test]
    fn the_finest_rate_counts_and_of_it_the_vendors_part() {
        let models = "cause,revenue_band,industry,rate\nall,all,all,0.1\nall,all,62,0.2\nemail,all,all,9\n";
        let rates = VendorRates::read(folder(models, "by,group,share\nyear,2020,0.9\nall,all,0.25\n").path()).unwrap();
        let of = |industry| rates.of(RevenueBand::From10M, industry);
        assert_eq!((of(crate::portfolio::sector("62")), of(crate::portfolio::sector("11"))), (0.05, 0.025));
    }

    #[test]
    fn a_table_without_a_row_of_all_is_refused() {
        let all = "cause,revenue_band,industry,rate\nall,all,all,0.1\n";
        for (models, shares, told) in [
            ("cause,revenue_band,industry,rate\nall,all,62,0.2\n", "by,group,share\nall,all,0.25\n", "no rate for all"),
            (all, "by,group,share\nyear,2020,0.9\n", "no share of all"),
            (all, "by,group,share\nall,all,1.5\n", "share"),
            ("cause,revenue_band,industry,rate\nall,all,all,-1\n", "by,group,share\nall,all,0.2\n", "rate"),
        ] {
            let error = VendorRates::read(folder(models, shares).path()).unwrap_err().to_string();
            assert!(error.contains(told), "{told}: {error}");
        }
    }
}
