//! checkdmarc JSON: one object a domain with the sections `mx`, `ns`, `spf` and `dmarc`, and no time. A section without
//! records says why in `error`: that there is none, or that the look-up failed.

use serde_json::Value;

use super::json::{list, scalar, text, words};
use super::{Context, ScanFormat};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::{Kind, Status};

/// checkdmarc.
pub struct Checkdmarc;

/// A section's key, and what reads it.
type Section = (&'static str, fn(&Value, &mut Emit));

const SECTIONS: [Section; 4] = [("mx", mx), ("ns", ns), ("spf", spf), ("dmarc", dmarc)];

impl ScanFormat for Checkdmarc {
    fn name(&self) -> &'static str {
        "checkdmarc"
    }

    fn recognises(&self, record: &Value) -> bool {
        text(record, "domain").is_some()
            && SECTIONS.iter().any(|(key, _)| record.get(key).is_some_and(Value::is_object))
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let domain =
            text(record, "domain").ok_or_else(|| Fault::new("domain", "", "required in a checkdmarc record"))?;
        emit.subject("domain", domain, context.time())?;
        for (key, read) in SECTIONS {
            record.get(key).filter(|section| section.is_object()).into_iter().for_each(|section| read(section, emit));
        }
        Ok(())
    }
}

fn mx(section: &Value, emit: &mut Emit) {
    let hosts = || list(section, "hosts").filter_map(|host| Some((host, text(host, "hostname")?)));
    hosts().for_each(|(host, name)| emit.mx(&scalar(host, "preference").unwrap_or_default(), name));
    if hosts().next().is_none() {
        without_record("mx", Kind::Mx, section, emit);
    }
}

fn ns(section: &Value, emit: &mut Emit) {
    words(section, "hostnames").for_each(|host| emit.host_value(Kind::Ns, "", host));
    if words(section, "hostnames").next().is_none() {
        without_record("ns", Kind::Ns, section, emit);
    }
}

/// The record itself; else the domains that its parsed form names first.
fn spf(section: &Value, emit: &mut Emit) {
    if let Some(record) = words(section, "record").next() {
        return emit.txt(record);
    }
    let mut named = false;
    for (mechanism, domain) in section.get("parsed").into_iter().flat_map(first_level) {
        emit.found(Kind::Spf, mechanism, &domain.trim_end_matches('.').to_lowercase());
        named = true;
    }
    if !named {
        without_record("spf", Kind::Spf, section, emit);
    }
}

/// Includes and the redirect of a parsed SPF record, not of those that it leads to.
fn first_level(parsed: &Value) -> impl Iterator<Item = (&'static str, &str)> {
    let listed = list(parsed, "include").filter_map(domain_of);
    let among =
        list(parsed, "mechanisms").filter(|term| text(term, "mechanism") == Some("include")).filter_map(domain_of);
    let redirect = list(parsed, "redirect").filter_map(domain_of);
    listed.chain(among).map(|domain| ("include", domain)).chain(redirect.map(|domain| ("redirect", domain)))
}

fn domain_of(term: &Value) -> Option<&str> {
    words(term, "domain").chain(words(term, "value")).next()
}

fn dmarc(section: &Value, emit: &mut Emit) {
    match words(section, "record").next() {
        Some(record) => emit.dmarc(record),
        None => without_record("dmarc", Kind::Dmarc, section, emit),
    }
}

/// No record: asked and empty, unless the error says that the name is missing or that nothing could be learned.
fn without_record(section: &str, kind: Kind, value: &Value, emit: &mut Emit) {
    let error = text(value, "error");
    let says = |words: &str| error.is_some_and(|error| error.contains(words));
    if says("does not exist") && (says("The domain") || says("query name")) {
        emit.absent(kind, Status::NxDomain);
    } else if error.is_none() || says("does not") {
        emit.absent(kind, Status::Empty);
    } else {
        let fault =
            Fault::new(&format!("{section}.error"), error.unwrap_or(""), "the look-up failed: nothing is known");
        emit.note(fault.hint("check this domain again"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;
    use crate::moment::Moment;

    #[test]
    fn sections_become_rows_of_the_domain() {
        let rows = observe(
            &Checkdmarc,
            r#"{"domain":"stadt.example","base_domain":"stadt.example","dnssec":false,"ns":{"hostnames":["NS1.dns.example"],"warnings":[]},"mx":{"hosts":[{"preference":10,"hostname":"stadt-example.mail.protection.outlook.com","addresses":["192.0.2.8"],"tls":true}],"warnings":[]},"spf":{"record":"v=spf1 include:eu._netblocks.mimecast.com ~all","valid":true,"parsed":{"include":[{"domain":"eu._netblocks.mimecast.com","record":"v=spf1 include:deeper.example"}]}},"dmarc":{"record":"v=DMARC1; p=none; rua=mailto:x@rua.example","valid":true,"location":"stadt.example"}}"#,
        );
        let want = [
            "mx 10 stadt-example.mail.protection.outlook.com",
            "ns  ns1.dns.example",
            "spf record v=spf1 include:eu._netblocks.mimecast.com ~all",
            "spf include eu._netblocks.mimecast.com",
            "dmarc record v=DMARC1; p=none; rua=mailto:x@rua.example",
            "dmarc p none",
            "dmarc rua rua.example",
        ];
        assert_eq!(rows, want.map(|row| format!("stadt.example {row} found")).join("\n"));
    }

    #[test]
    fn a_section_without_records_was_asked_and_empty() {
        let line = r#"{"domain":"stadt.example","mx":{"hosts":[],"warnings":[]},"spf":{"record":null,"valid":false,"error":"An SPF record does not exist."},"dmarc":{"record":null,"location":null,"valid":false,"error":"A DMARC record does not exist."}}"#;
        assert_eq!(
            observe(&Checkdmarc, line),
            "stadt.example mx   empty\nstadt.example spf   empty\nstadt.example dmarc   empty"
        );
        let gone = r#"{"domain":"stadt.example","mx":{"hosts":[],"error":"The domain stadt.example does not exist."}}"#;
        assert_eq!(observe(&Checkdmarc, gone), "stadt.example mx   nxdomain");
    }

    #[test]
    fn without_the_record_the_first_level_of_includes_is_used() {
        let line = r#"{"domain":"stadt.example","spf":{"valid":true,"parsed":{"include":[{"domain":"SPF.protection.outlook.com","record":"v=spf1 include:deeper.example","parsed":{"include":[{"domain":"deeper.example"}]}}],"mechanisms":[{"mechanism":"include","value":"_spf.google.com"}],"redirect":{"domain":"spf.other.example"}}}}"#;
        assert_eq!(
            observe(&Checkdmarc, line),
            "stadt.example spf include spf.protection.outlook.com found\nstadt.example spf include _spf.google.com found\n\
             stadt.example spf redirect spf.other.example found"
        );
    }

    #[test]
    fn a_failed_look_up_is_noted_and_says_nothing() {
        let line = r#"{"domain":"stadt.example","mx":{"hosts":[],"error":"The resolution lifetime expired after 2.0 seconds"},"spf":{"record":null,"error":"The domain has multiple SPF TXT records"}}"#;
        let record = serde_json::from_str(line).unwrap();
        let mut emit = Emit::new("checkdmarc");
        Checkdmarc.read(&record, &Context::new(Moment(0), Vec::new), &mut emit).unwrap();
        assert_eq!((emit.rows.len(), emit.faults.len()), (0, 2));
        assert_eq!(emit.faults[0].column, "mx.error");
    }
}
