//! The columns of OED's reinsurance files: what each means, and which are not applied.

use crate::table::{Kind, Table, column};

const OWN: &str = "ReinsCurrency";
const SHARE: &str = "share: 12 % is 0.12";

/// OED's reinsurance info file.
pub const REINS_INFO: Table = Table {
    name: "OED reinsurance info",
    meaning: "Open Exposure Data: one row a treaty, or one row a layer of it. Amounts are of 100 % of it; a limit of 0 is none.",
    columns: &[
        column("ReinsNumber", Kind::Text, "", true, "Treaty: what its rows in the reinsurance scope go by"),
        column("ReinsLayerNumber", Kind::Integer, "", false, "Layer: a part of the treaty's name in results"),
        column("ReinsName", Kind::Text, "", false, "Name: a part of the treaty's name in results"),
        column(
            "ReinsPeril",
            Kind::Text,
            "",
            false,
            "Perils, separated by ;. One must be CSB, CC1 (all cyber perils) or AA1 (all perils), which losses here are of; blank is all. A treaty of none of them is refused",
        ),
        column("ReinsInceptionDate", Kind::Text, "", false, "Not applied: losses are of the treaty's year"),
        column("ReinsExpiryDate", Kind::Text, "", false, "Not applied: losses are of the treaty's year"),
        column(
            "CededPercent",
            Kind::Share,
            SHARE,
            false,
            "Ceded share, before all other terms; blank is all. Of a surplus (SS) it stands in the reinsurance scope",
        ),
        column("RiskLimit", Kind::Money, OWN, false, "Limit of each risk in an occurrence; 0 or blank is none"),
        column("RiskAttachment", Kind::Money, OWN, false, "What is kept of each risk in an occurrence"),
        column("OccLimit", Kind::Money, OWN, false, "Limit of each occurrence; 0 or blank is none"),
        column("OccAttachment", Kind::Money, OWN, false, "What is kept of each occurrence"),
        column("OccFranchiseDed", Kind::Money, OWN, false, "Not applied: refused unless 0 or blank"),
        column("OccReverseFranchise", Kind::Money, OWN, false, "Not applied: refused unless 0 or blank"),
        column(
            "AggLimit",
            Kind::Money,
            OWN,
            false,
            "Limit of a year; 0 or blank is none. Beside Reinstatement n it must be n + 1 times the limit that is reinstated",
        ),
        column("AggAttachment", Kind::Money, OWN, false, "What is kept of a year"),
        column("AggPeriod", Kind::Number, "days", false, "Only a year is applied: refused unless 365, 366, 0 or blank"),
        column("PlacedPercent", Kind::Share, SHARE, true, "Placed share, after all other terms"),
        column(
            "ReinsCurrency",
            Kind::Text,
            "ISO 4217",
            false,
            "Currency of the row's amounts; the reporting one when blank",
        ),
        column(
            "InuringPriority",
            Kind::Integer,
            "",
            true,
            "Order from 1: lower numbers come first and inure to later ones",
        ),
        column(
            "ReinsType",
            Kind::Text,
            "",
            true,
            "QS quota share, SS surplus, PR excess by risk, FAC facultative, CXL excess by event, AXL aggregate excess",
        ),
        column(
            "AttachmentBasis",
            Kind::Text,
            "",
            false,
            "Losses occurring (LO) alone is applied; risks attaching (RA) is refused",
        ),
        column(
            "RiskLevel",
            Kind::Text,
            "",
            false,
            "What one risk is: POL policy with its layers, ACC account, LOC location; needed with RiskLimit and RiskAttachment. LGR is refused",
        ),
        column(
            "Reinstatement",
            Kind::Integer,
            "",
            false,
            "How many reinstatements of the occurrence limit (PR and FAC: of the risk limit); 0 is the limit once a year, blank is without end",
        ),
        column(
            "ReinstatementCharge",
            Kind::Text,
            "share of ReinsPremium",
            false,
            "One charge for all reinstatements, or one for each separated by ;. 1 is 100 %; blank is free",
        ),
        column(
            "ReinsPremium",
            Kind::Money,
            OWN,
            false,
            "Premium that reinstatements are charged on; not applied in another way",
        ),
        column(
            "DeemedPercentPlaced",
            Kind::Share,
            SHARE,
            false,
            "Not applied: refused unless 0 or blank, which is a real contract",
        ),
        column(
            "ReinsFXrate",
            Kind::Number,
            "",
            false,
            "Not applied: refused unless 1, 0 or blank; rates are given by --rate",
        ),
        column("TreatyShare", Kind::Share, SHARE, false, "The reinsurer's share of what is placed; blank is all"),
        column("UseReinsDates", Kind::Text, "", false, "Not applied: refused when Y"),
        column(
            "OriginalCurrency",
            Kind::Text,
            "ISO 4217",
            false,
            "Not applied: refused where it is another than ReinsCurrency, which amounts are read in",
        ),
        column("RateOfExchange", Kind::Number, "", false, "Not applied: refused unless 1, 0 or blank"),
        column("OEDVersion", Kind::Text, "", false, "Not looked at"),
    ],
};

/// OED's reinsurance scope file.
pub const REINS_SCOPE: Table = Table {
    name: "OED reinsurance scope",
    meaning: "Open Exposure Data: what each treaty covers. A loss must meet all that a row names, and one row; a row that names nothing covers everything.",
    columns: &[
        column("ReinsNumber", Kind::Text, "", true, "Treaty of the reinsurance info"),
        column(
            "PortNumber",
            Kind::Text,
            "",
            false,
            "Portfolio: losses must be of the one that is named. Several in one file are refused, as losses do not tell them apart",
        ),
        column("AccNumber", Kind::Text, "", false, "Account: insured_id of losses"),
        column(
            "PolNumber",
            Kind::Text,
            "",
            false,
            "Policy: policy_id of losses, or its part between account and layer",
        ),
        column("LocGroup", Kind::Text, "", false, "Not applied: refused unless blank"),
        column("LocNumber", Kind::Text, "", false, "Location of losses"),
        column("CedantName", Kind::Text, "", false, "Not applied: refused unless blank"),
        column("ProducerName", Kind::Text, "", false, "Not applied: refused unless blank"),
        column("LOB", Kind::Text, "", false, "Line of business: line of losses"),
        column("CountryCode", Kind::Text, "ISO 3166", false, "Country of losses, two letters"),
        column("ReinsTag", Kind::Text, "", false, "Not applied: refused unless blank"),
        column(
            "CededPercent",
            Kind::Share,
            SHARE,
            false,
            "Of a surplus (SS): the share that is ceded of the row's risks, which must be given. Of other types refused unless blank, 1 or that of the reinsurance info",
        ),
        column("OEDVersion", Kind::Text, "", false, "Not looked at"),
    ],
};
