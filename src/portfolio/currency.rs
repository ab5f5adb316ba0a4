//! Currency codes and given rates of exchange.

use std::collections::BTreeMap;

use crate::fault::{Failure, did_you_mean_or};
use crate::money::Cents;
use crate::table::Fields;

/// Active codes of ISO 4217, funds and metals left out.
pub const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD \
HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON \
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

/// Whether `code` is an ISO 4217 currency.
pub fn is_known(code: &str) -> bool {
    code.len() == 3 && CODES.split_whitespace().any(|known| known == code)
}

/// The currency code at `column`, in upper case.
pub fn read(fields: &mut Fields, column: &str) -> String {
    let code = fields.text(column).to_ascii_uppercase();
    if !is_known(&code) {
        let hint = did_you_mean_or(&code, CODES.split_whitespace(), || "use an ISO 4217 code, such as USD".to_string());
        fields.refuse(column, "unknown currency", &hint);
    }
    code
}

/// Rates into one reporting currency, as the user gave them.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    /// The currency that results are in.
    pub reporting: String,
    rates: BTreeMap<String, f64>,
}

impl Rates {
    /// Rates by currency: how much of the reporting currency one unit is worth.
    ///
    /// # Errors
    /// When a code is unknown or a rate is not above zero.
    pub fn new(reporting: &str, rates: &BTreeMap<String, f64>) -> Result<Rates, Failure> {
        for (code, rate) in rates {
            if !is_known(code) {
                return Err(Failure::new(format!("rates: unknown currency \"{code}\""))
                    .hint("use an ISO 4217 code, such as EUR"));
            }
            if !(rate.is_finite() && *rate > 0.0) {
                return Err(Failure::new(format!("rates.{code} = {rate}: a rate must be above zero")));
            }
        }
        if !is_known(reporting) {
            return Err(Failure::new(format!("currency = \"{reporting}\": unknown currency"))
                .hint("use an ISO 4217 code, such as USD"));
        }
        Ok(Rates { reporting: reporting.to_string(), rates: rates.clone() })
    }

    /// What one unit of `code` is worth in the reporting currency; nothing when no rate is given.
    pub fn rate(&self, code: &str) -> Option<f64> {
        if code == self.reporting { Some(1.0) } else { self.rates.get(code).copied() }
    }

    /// An amount of `code` in the reporting currency. Every policy of a book has its rate: [`super::read_book`] sees to it.
    pub fn convert(&self, amount: Cents, code: &str) -> Cents {
        match self.rate(code) {
            Some(1.0) | None => amount,
            Some(rate) => amount.scale(rate),
        }
    }

    /// How many US dollars one unit of the reporting currency is worth.
    ///
    /// # Errors
    /// When the reporting currency is not the dollar and no rate for the dollar is given.
    pub fn dollars(&self) -> Result<f64, Failure> {
        self.rate("USD").map(|rate| 1.0 / rate).ok_or_else(|| {
            Failure::new(format!(
                "no rate for USD into {}: severities and revenue bands are in dollars",
                self.reporting
            ))
            .hint("give one, such as --rate USD=0.92")
        })
    }
}
