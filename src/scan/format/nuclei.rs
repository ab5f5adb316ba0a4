//! nuclei `-jsonl`: one line a match, with the template that matched, the name of its matcher and what it extracted;
//! CVE ids below `info.classification`. Keys were `templateID` and `matcher_name`, then `template`, in older versions.

use serde_json::Value;

use super::json::{first, first_name, list, text, texts, time};
use super::{Context, ScanFormat};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::Kind;

/// ProjectDiscovery nuclei.
pub struct Nuclei;

const TEMPLATE: [&str; 3] = ["template-id", "templateID", "template"];
const MATCHER: [&str; 2] = ["matcher-name", "matcher_name"];
const EXTRACTED: [&str; 2] = ["extracted-results", "extracted_results"];
const HOST: [&str; 4] = ["host", "matched-at", "matched", "url"];

impl ScanFormat for Nuclei {
    fn name(&self) -> &'static str {
        "nuclei"
    }

    fn recognises(&self, record: &Value) -> bool {
        let template = TEMPLATE.iter().any(|key| text(record, key).is_some());
        template && HOST.iter().any(|key| text(record, key).is_some())
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let host = first_name("host", HOST.iter().filter_map(|key| text(record, key)))?;
        let template = template(record)?;
        // With `-matcher-status` nuclei also writes what did not match, or could not be asked.
        if record.get("matcher-status").and_then(Value::as_bool) == Some(false) {
            return Err(Fault::new("matcher-status", "false", "the template did not match, so nothing was seen")
                .hint("run nuclei without -matcher-status to leave such lines out"));
        }
        emit.subject("host", host, time(record, "timestamp", context)?)?;
        cves(record, &template).iter().for_each(|id| emit.found(Kind::Cve, &template, id));
        finding(record, &template, emit);
        Ok(())
    }
}

/// The template's id; in the oldest versions a path.
fn template(record: &Value) -> Result<String, Fault> {
    let written =
        first(record, &TEMPLATE).ok_or_else(|| Fault::new("template-id", "", "required in a nuclei record"))?;
    Ok(written.rsplit('/').next().unwrap_or("").trim_end_matches(".yaml").to_string())
}

/// CVE ids in capitals: those of the classification, else the template's own name.
fn cves(record: &Value, template: &str) -> Vec<String> {
    let of = |id: &str| Some(id.trim().to_ascii_uppercase()).filter(|id| id.starts_with("CVE-"));
    let classified = record.pointer("/info/classification").into_iter().flat_map(|class| texts(class, "cve-id"));
    let mut ids: Vec<String> = classified.flat_map(|ids| ids.split(',')).filter_map(of).collect();
    if ids.is_empty() {
        ids.extend(of(template));
    }
    ids.dedup();
    ids
}

/// What matched: a technology by the matcher's name, anything else below the template's name.
fn finding(record: &Value, template: &str, emit: &mut Emit) {
    match first(record, &MATCHER) {
        Some(name) if is_technology(record, template) => emit.found(Kind::Http, "tech", &name),
        Some(name) => emit.found(Kind::Http, &format!("nuclei:{template}"), &name),
        None => emit.found(Kind::Http, &format!("nuclei:{template}"), &extracted(record)),
    }
}

fn is_technology(record: &Value, template: &str) -> bool {
    let tags = record.get("info").into_iter().flat_map(|info| texts(info, "tags"));
    let mut tags = tags.flat_map(|tags| tags.split(',')).map(str::trim);
    template == "tech-detect"
        || template.starts_with("favicon-detect")
        || tags.any(|tag| tag == "tech" || tag == "favicon")
}

/// The texts that the template took out of the answer, or that it matched at all.
fn extracted(record: &Value) -> String {
    let results = EXTRACTED.iter().flat_map(|key| list(record, key)).filter_map(Value::as_str);
    let joined = results.map(str::trim).collect::<Vec<_>>().join(" ");
    if joined.is_empty() { "matched".to_string() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn a_vulnerability_is_named_by_its_cve() {
        let line = r#"{"template":"http/cves/2023/CVE-2023-34362.yaml","template-id":"CVE-2023-34362","info":{"name":"MOVEit Transfer","tags":["cve","moveit"],"severity":"critical","classification":{"cve-id":["cve-2023-34362"],"cwe-id":["cwe-89"]}},"type":"http","host":"https://files.stadt.example:8443","matched-at":"https://files.stadt.example:8443/human.aspx","ip":"192.0.2.7","timestamp":"2026-04-28T08:50:40.123456789+02:00","matcher-status":true}"#;
        assert_eq!(
            observe(&Nuclei, line),
            "files.stadt.example cve CVE-2023-34362 CVE-2023-34362 found\n\
             files.stadt.example http nuclei:CVE-2023-34362 matched found"
        );
    }

    #[test]
    fn technologies_and_favicons_go_by_the_matcher() {
        let cases = [
            (
                r#"{"template-id":"tech-detect","info":{"tags":["tech"],"classification":{"cve-id":null}},"matcher-name":"nginx","host":"stadt.example","url":"https://stadt.example"}"#,
                "stadt.example http tech nginx found",
            ),
            (
                r#"{"templateID":"favicon-detection","info":{"tags":"misc,favicon"},"matcher_name":"fortinet","host":"https://stadt.example","matched":"https://stadt.example/favicon.ico"}"#,
                "stadt.example http tech fortinet found",
            ),
        ];
        for (line, want) in cases {
            assert_eq!(observe(&Nuclei, line), want);
        }
    }

    #[test]
    fn other_templates_keep_their_name() {
        let line = r#"{"template-id":"txt-fingerprint","info":{"tags":["dns"]},"type":"dns","host":"stadt.example","extracted-results":["\"v=spf1 -all\"","\"MS=ms1\""]}"#;
        assert_eq!(
            observe(&Nuclei, line),
            "stadt.example http nuclei:txt-fingerprint \"v=spf1 -all\" \"MS=ms1\" found"
        );
        let line = r#"{"template-id":"CVE-2021-44228","info":{"classification":{"cve-id":"CVE-2021-44228"}},"matcher-name":"log4j","host":"192.0.2.7:8080","matched-at":"http://app.stadt.example:8080/"}"#;
        assert_eq!(
            observe(&Nuclei, line),
            "app.stadt.example cve CVE-2021-44228 CVE-2021-44228 found\napp.stadt.example http nuclei:CVE-2021-44228 log4j found"
        );
    }

    #[test]
    #[should_panic(expected = "did not match")]
    fn what_did_not_match_was_not_seen() {
        observe(
            &Nuclei,
            r#"{"template-id":"CVE-2023-34362","info":{"classification":{"cve-id":["cve-2023-34362"]}},"host":"stadt.example","matcher-status":false}"#,
        );
    }
}
