//! Root causes in one vocabulary, and what other vocabularies call them.

use serde::Serialize;

use crate::fault::did_you_mean_or;

/// What an incident began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Cause {
    /// Phishing, a compromised mailbox, a message that carried the attack.
    Email,
    /// A payment sent to the wrong party by deceit.
    FundsTransferFraud,
    /// Data or systems held to ransom; how the attacker came in is not told.
    Ransomware,
    /// Other malicious software.
    Malware,
    /// An attack on a service that faces the internet, stolen credentials among the means.
    Hacking,
    /// A flood of traffic.
    DenialOfService,
    /// Misuse of access that was given.
    Insider,
    /// A mistake: misdelivery, misconfiguration, careless disposal.
    Error,
    /// Unauthorised access or disclosure, where the source does not tell insiders from mistakes.
    Disclosure,
    /// Devices or papers lost, stolen or tampered with.
    Physical,
    /// Failure of a system or its surroundings without an attacker.
    SystemFailure,
    /// Came through a vendor, and how it began there is not told.
    Vendor,
    /// Told, and none of these.
    Other,
    /// Not told.
    Unknown,
}

impl Cause {
    /// All, in the order of reports.
    pub const ALL: [Cause; 14] = [
        Cause::Email,
        Cause::FundsTransferFraud,
        Cause::Ransomware,
        Cause::Malware,
        Cause::Hacking,
        Cause::DenialOfService,
        Cause::Insider,
        Cause::Error,
        Cause::Disclosure,
        Cause::Physical,
        Cause::SystemFailure,
        Cause::Vendor,
        Cause::Other,
        Cause::Unknown,
    ];

    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        [
            "email",
            "funds transfer fraud",
            "ransomware",
            "malware",
            "hacking",
            "denial of service",
            "insider",
            "error",
            "disclosure",
            "physical",
            "system failure",
            "vendor",
            "other",
            "unknown",
        ][self as usize]
    }

    /// At the start of a sentence: "… was the root cause of …".
    pub fn words(self) -> &'static str {
        [
            "Email",
            "Funds transfer fraud",
            "Ransomware",
            "Malicious software",
            "Hacking of a service that faces the internet",
            "A flood of traffic",
            "Misuse by insiders",
            "A mistake",
            "Unauthorised access or disclosure",
            "Loss or theft of devices and papers",
            "Failure of a system",
            "A vendor",
            "Another cause",
            "An unknown cause",
        ][self as usize]
    }

    /// The cause that a table calls `text`: this vocabulary's word, or one that insurers use for it. Blank is unknown.
    ///
    /// # Errors
    /// When nobody calls a cause that: a hint with the nearest word.
    pub fn parse(text: &str) -> Result<Cause, String> {
        let word = text.trim().to_ascii_lowercase().replace(['_', '-'], " ");
        if word.is_empty() {
            return Ok(Cause::Unknown);
        }
        let own = Cause::ALL.into_iter().find(|cause| cause.as_str() == word);
        let other = || SYNONYMS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(cause, _)| *cause);
        own.or_else(other).ok_or_else(|| {
            let words =
                Cause::ALL.iter().map(|c| c.as_str()).chain(SYNONYMS.iter().flat_map(|(_, w)| w.iter().copied()));
            did_you_mean_or(&word, words, || format!("causes are: {}", Cause::ALL.map(Cause::as_str).join(", ")))
        })
    }
}

/// Words of insurers' claim codes and of published studies (NetDiligence, Coalition, IRIS) for each cause.
const SYNONYMS: [(Cause, &[&str]); 13] = [
    (
        Cause::Email,
        &[
            "business email compromise",
            "bec",
            "email compromise",
            "phishing",
            "e mail",
            "social engineering",
            "email or phishing",
        ],
    ),
    (
        Cause::FundsTransferFraud,
        &["ftf", "wire fraud", "wire transfer fraud", "theft of money", "invoice fraud", "payment fraud"],
    ),
    (Cause::Ransomware, &["extortion", "ransom", "cyber extortion"]),
    (Cause::Malware, &["virus", "crimeware", "malicious code"]),
    (
        Cause::Hacking,
        &[
            "hacker",
            "hack",
            "system intrusion",
            "unauthorised access",
            "unauthorized access",
            "web application",
            "web applications",
            "vulnerability",
            "exploit",
            "public facing exploit",
            "stolen credentials",
            "valid accounts",
            "external remote services",
        ],
    ),
    (Cause::DenialOfService, &["dos", "ddos"]),
    (Cause::Insider, &["rogue employee", "privilege misuse", "misuse", "insider misuse"]),
    (
        Cause::Error,
        &["staff mistake", "mistake", "human error", "misconfiguration", "accidental disclosure", "misdelivery"],
    ),
    (Cause::Disclosure, &["unauthorized access/disclosure", "wrongful data disclosure"]),
    (
        Cause::Physical,
        &[
            "lost or stolen",
            "lost or stolen assets",
            "theft",
            "loss",
            "lost/stolen laptop/device",
            "lost or stolen device",
        ],
    ),
    (Cause::SystemFailure, &["outage", "system glitch", "programming error", "environmental"]),
    (
        Cause::Vendor,
        &["third party", "supplier", "partner", "trusted relationship", "supply chain", "business associate"],
    ),
    (Cause::Unknown, &["n/a", "na", "not known", "undetermined"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_read_back_and_insurers_words_are_known() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.as_str()), Ok(cause));
        }
        for (text, cause) in [
            ("Business Email Compromise", Cause::Email),
            ("wire_fraud", Cause::FundsTransferFraud),
            ("System-Intrusion", Cause::Hacking),
            ("  ", Cause::Unknown),
        ] {
            assert_eq!(Cause::parse(text), Ok(cause), "{text}");
        }
        assert_eq!(Cause::parse("ransomwear"), Err("did you mean `ransomware`?".to_string()));
    }

    #[test]
    fn no_word_stands_for_two_causes() {
        let mut words: Vec<&str> = Cause::ALL.map(Cause::as_str).to_vec();
        words.extend(SYNONYMS.iter().flat_map(|(_, words)| words.iter()));
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
