//! What is no treaty is refused, with its place and a way out.

use super::*;

fn refused(toml: &str) -> String {
    let rates = Rates::new("USD", &BTreeMap::new()).unwrap();
    let written = crate::catalogue::parse_toml("test", toml).unwrap();
    resolve(&Source::of_toml("test", toml), written, &rates).unwrap_err().to_string()
}

#[test]
fn a_treaty_that_breaks_a_rule_is_refused_with_its_name() {
    for (terms, rule) in [
        ("placed = 1.2", "test:3: treaty \"A\": placed = 1.2: a share lies in [0, 1]"),
        (
            "kind = 'event_excess'\noccurrence_limit = -1.0",
            "test:4: treaty \"A\": occurrence_limit = -1: not an amount",
        ),
        ("ceded = 1.0\noccurrence_limit = 1e300", "fits 64 bits"),
        ("ceded = 1.0\ncurrency = 'EUR'", "no rate into USD"),
        ("ceded = 1.0\ncurrency = 'EURO'", "unknown currency"),
        ("inuring = 0", "inuring numbers begin at 1"),
        ("ceded = 0.5\nreinstatements = [1.0]", "reinstatements of a limit that is not given"),
        ("ceded = 0.5\nreinstatements = [1.0]\noccurrence_limit = 1.0", "without a premium"),
        ("ceded = 0.5\npremium = 5", "premium without reinstatements"),
        (
            "ceded = 0.5\nreinstatements = [0.0]\noccurrence_limit = 1.0\nannual_limit = 1.0",
            "1 reinstatements of occurrence_limit = 1 and annual_limit = 1 do not agree",
        ),
        ("ceded = 0.5\nreinstatements = [nan]\noccurrence_limit = 1.0\npremium = 1.0", "outside [0, 10]"),
        ("kind = 'surplus'", "needs retained_line and lines"),
        ("kind = 'surplus'\nlines = 1.0", "needs both"),
        ("kind = 'surplus'\nlines = 1.0\nretained_line = 1.0\nceded = 0.5", "ceded beside retained_line"),
        ("kind = 'surplus'\nlines = 1.0\nretained_line = 1.0\nrisk = 'all'", "a line of each risk"),
        ("kind = 'surplus'\nlines = 0\nretained_line = 1.0", "a surplus of no line"),
        ("retained_line = 1.0", "belong to a surplus"),
        ("kind = 'facultative'", "needs policies, insureds or locations"),
        ("kind = 'facultative'\nscope = { policies = ['P'] }", "would take everything"),
        ("kind = 'aggregate_excess'", "needs annual_deductible or annual_limit"),
        ("", "a quota share needs ceded or placed"),
        ("kind = 'quota_share'\noccurrence_limit = 5.0", "a quota share needs ceded or placed"),
        ("kind = 'event_excess'", "needs occurrence_attachment or occurrence_limit"),
        (
            "kind = 'event_excess'\nrisk_attachment = 5\nrisk_limit = 5",
            "needs occurrence_attachment or occurrence_limit",
        ),
        ("kind = 'risk_excess'", "needs risk_attachment or risk_limit"),
        (
            "kind = 'risk_excess'\noccurrence_attachment = 5\noccurrence_limit = 5",
            "needs risk_attachment or risk_limit",
        ),
        (
            "kind = 'event_excess'\noccurrence_attachment = 5\noccurrence_limit = 0",
            "occurrence_limit = 0: a limit of nothing",
        ),
        ("ceded = 0.5\nannual_limit = 0", "annual_limit = 0: a limit of nothing"),
        ("[[treaty.cession]]\nscope = { policies = ['P'] }", "a [[treaty.cession]] has no ceded"),
        ("ceded = 0.5\n[[treaty.cession]]\nceded = 0.2", "in the place of scope and ceded"),
        ("kind = 'surplus'\nceded = 0.5\n[[treaty.cession]]\nceded = 0.3", "in the place of scope and ceded"),
    ] {
        let told = refused(&format!("[[treaty]]\nname = 'A'\n{terms}"));
        assert!(told.contains(rule) && told.contains("\"A\"") && told.contains("hint: "), "{terms}: {told}");
    }
    let twice = "[[treaty]]\nname = 'A'\nceded = 0.5\n";
    assert!(refused(&format!("{twice}{twice}")).contains("test:5: treaty \"A\": two treaties"), "{twice}");
}
