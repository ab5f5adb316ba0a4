//! Which codes of countries and industries there are.

use super::policy::sector;

/// Officially assigned two-letter codes (ISO 3166-1), and XK, which the European Union and Open Exposure Data use for Kosovo.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW \
    BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE \
    KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
    MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC \
    SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ \
    VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// Codes that people write for a country whose code is another.
const WRITTEN_FOR: [(&str, &str); 4] = [("UK", "GB"), ("EL", "GR"), ("SU", "RU"), ("AN", "CW")];

/// Two-digit sectors of several codes, as NAICS writes them.
const RANGES: [&str; 3] = ["31-33", "44-45", "48-49"];

/// Whether `code` is a country's two-letter code, in capitals.
pub fn is_country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.split_whitespace().any(|own| own == code)
}

/// The code that is meant by one that people write.
pub fn country_meant(code: &str) -> Option<&'static str> {
    WRITTEN_FOR.iter().find(|(written, _)| *written == code).map(|(_, meant)| *meant)
}

/// Whether `code` can be a NAICS code of up to six digits, or begin one (US Census Bureau, NAICS 2022): its first two digits
/// are a sector's. Which of the longer codes are given is not looked at.
pub fn is_naics(code: &str) -> bool {
    let digits = (1..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
    let sectors = || (11..=92).map(|two| two.to_string()).filter(|two| sector(two) != "unknown");
    digits && sectors().any(|two| code.starts_with(&two) || two.starts_with(code)) || RANGES.contains(&code)
}

/// The sector of several two-digit codes that a NAICS code belongs to, such as `31-33`; blank for others.
pub fn naics_range(code: &str) -> &'static str {
    match code.get(..2).unwrap_or("") {
        "31" | "32" | "33" => RANGES[0],
        "44" | "45" => RANGES[1],
        "48" | "49" => RANGES[2],
        _ => "",
    }
}

/// Names of sectors, as [`sector`] gives them, each once.
pub fn sector_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = (11..=92).map(|two| sector(&two.to_string())).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ISO 3166-1 counts 249 officially assigned codes.
    #[test]
    fn countries_are_those_of_the_standard() {
        let all: Vec<&str> = COUNTRIES.split_whitespace().collect();
        assert_eq!(all.len(), 249 + 1);
        assert!(all.windows(2).all(|two| two[0] < two[1]));
        assert!(["GB", "US", "DE", "XK"].into_iter().all(is_country));
        assert!(!["UK", "gb", "ZZ", "USA", ""].into_iter().any(is_country));
        assert!(WRITTEN_FOR.iter().all(|(written, meant)| !is_country(written) && is_country(meant)));
    }

    #[test]
    fn industries_begin_with_a_sector() {
        assert!(["51", "5", "511210", "31-33", "92"].into_iter().all(is_naics));
        assert!(!["", "00", "99", "5112101", "abc", "31-32", "57"].into_iter().any(is_naics));
        assert_eq!(["311", "452", "48", "51", ""].map(naics_range), ["31-33", "44-45", "48-49", "", ""]);
        assert_eq!(sector_names().len(), 21);
    }
}
