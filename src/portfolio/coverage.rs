//! Cyber coverages, their codes and names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Cyber coverages, as Open Exposure Data lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Non-property business interruption (OED `NPBI`).
    BusinessInterruption,
    /// Contingent business interruption (OED `CBI`).
    ContingentBusinessInterruption,
    /// Digital assets (OED `DIAS`).
    DigitalAssets,
    /// Extortion (OED `EXT`).
    Extortion,
    /// Financial fraud (OED `FIN`).
    FinancialFraud,
    /// Incident response (OED `INRE`).
    IncidentResponse,
    /// Liability (OED `LIA`).
    Liability,
    /// Regulatory (OED `REG`).
    Regulatory,
    /// Errors and omissions (OED `ENO`).
    ErrorsAndOmissions,
}

impl Coverage {
    /// How many there are.
    pub const COUNT: usize = 9;

    /// All, in OED's order.
    pub const ALL: [Coverage; Coverage::COUNT] = [
        Coverage::BusinessInterruption,
        Coverage::ContingentBusinessInterruption,
        Coverage::DigitalAssets,
        Coverage::Extortion,
        Coverage::FinancialFraud,
        Coverage::IncidentResponse,
        Coverage::Liability,
        Coverage::Regulatory,
        Coverage::ErrorsAndOmissions,
    ];

    /// OED's code.
    pub fn code(self) -> &'static str {
        ["NPBI", "CBI", "DIAS", "EXT", "FIN", "INRE", "LIA", "REG", "ENO"][self as usize]
    }

    /// The coverage of OED's code or the engine's name, whatever the case.
    pub fn parse(text: &str) -> Option<Coverage> {
        let name = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
        let own = |c: &Coverage| c.code().eq_ignore_ascii_case(&name) || c.name() == name;
        Coverage::ALL.into_iter().find(own)
    }

    /// The engine's name, as files write it.
    pub fn name(self) -> String {
        self.words().replace(' ', "_")
    }

    /// For reading.
    pub fn words(self) -> &'static str {
        [
            "business interruption",
            "contingent business interruption",
            "digital assets",
            "extortion",
            "financial fraud",
            "incident response",
            "liability",
            "regulatory",
            "errors and omissions",
        ][self as usize]
    }
}
