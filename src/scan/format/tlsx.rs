//! tlsx `-json`: one line a host and port, the certificate's fields at the top level, `probe_status` false when no
//! connection came about. httpx writes the same object below `tls`.

use serde_json::Value;

use super::json::{first, first_name, text, texts, time};
use super::{Context, ScanFormat};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::Kind;

/// ProjectDiscovery tlsx.
pub struct Tlsx;

/// Certificate fields, each with the older spelling of httpx.
const FIELDS: [(&str, [&str; 2]); 4] = [
    ("subject_cn", ["subject_cn", "common_name"]),
    ("subject_an", ["subject_an", "dns_names"]),
    ("issuer_cn", ["issuer_cn", "issuer_common_name"]),
    ("not_after", ["not_after", "not-after"]),
];

impl ScanFormat for Tlsx {
    fn name(&self) -> &'static str {
        "tlsx"
    }

    fn recognises(&self, record: &Value) -> bool {
        let of_certificate = ["subject_cn", "subject_an", "subject_dn", "issuer_cn", "not_after", "tls_version"];
        let probed = record.get("probe_status").is_some_and(Value::is_boolean);
        text(record, "host").is_some()
            && record.get("url").is_none()
            && (probed || of_certificate.iter().any(|key| record.get(key).is_some()))
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let host = text(record, "host").unwrap_or("");
        if record.get("probe_status").and_then(Value::as_bool) == Some(false) {
            return Err(Fault::new("probe_status", "false", "no TLS connection, so no certificate was seen")
                .hint("scan this host again"));
        }
        // Scans of address ranges have the name in the certificate only.
        let certified =
            texts(record, "subject_cn").chain(texts(record, "subject_an")).map(|name| name.trim_start_matches("*."));
        let name = first_name("host", [host].into_iter().chain(certified))?;
        emit.subject("host", name, time(record, "timestamp", context)?)?;
        if let Some(port) = first(record, &["port"]) {
            emit.found(Kind::Port, &port, "open");
        }
        certificate(record, emit);
        Ok(())
    }
}

/// Writes the fields of a certificate as tlsx spells them.
pub(super) fn certificate(record: &Value, emit: &mut Emit) {
    for (key, spellings) in FIELDS {
        for value in spellings.iter().flat_map(|spelling| texts(record, spelling)) {
            field(key, value, emit);
        }
    }
}

/// Writes one certificate field; names in lower case, as everywhere.
pub(super) fn field(key: &str, value: &str, emit: &mut Emit) {
    let value = value.trim().trim_end_matches('.');
    let is_name = key.starts_with("subject_") && value.contains('.') && !value.contains(char::is_whitespace);
    match value {
        "" => {}
        name if is_name => emit.found(Kind::Tls, key, &name.to_lowercase()),
        other => emit.found(Kind::Tls, key, other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn a_certificate_becomes_rows() {
        let rows = observe(
            &Tlsx,
            r#"{"timestamp":"2026-04-28T08:50:40.79+02:00","host":"www.stadt.example","ip":"192.0.2.7","port":"443","probe_status":true,"tls_version":"tls13","cipher":"TLS_AES_128_GCM_SHA256","not_before":"2026-03-01T00:00:00Z","not_after":"2026-05-30T00:00:00Z","subject_dn":"CN=Stadt.example","subject_cn":"Stadt.example","subject_an":["stadt.example","*.Stadt.example"],"serial":"01","issuer_cn":"Example Root R3","issuer_org":["Example CA"],"tls_connection":"ctls"}"#,
        );
        assert_eq!(
            rows,
            "www.stadt.example port 443 open found\nwww.stadt.example tls subject_cn stadt.example found\n\
             www.stadt.example tls subject_an stadt.example found\nwww.stadt.example tls subject_an *.stadt.example found\n\
             www.stadt.example tls issuer_cn Example Root R3 found\nwww.stadt.example tls not_after 2026-05-30T00:00:00Z found"
        );
    }

    #[test]
    fn an_address_goes_by_the_first_name_in_its_certificate() {
        let line = r#"{"host":"192.0.2.7","port":"8443","probe_status":true,"subject_cn":"FortiGate","subject_an":["FortiGate","*.vpn.stadt.example"]}"#;
        assert_eq!(
            observe(&Tlsx, line),
            "vpn.stadt.example port 8443 open found\nvpn.stadt.example tls subject_cn FortiGate found\n\
             vpn.stadt.example tls subject_an FortiGate found\nvpn.stadt.example tls subject_an *.vpn.stadt.example found"
        );
    }

    #[test]
    #[should_panic(expected = "an address, not a domain name")]
    fn an_address_without_a_name_in_its_certificate_can_t_be_used() {
        observe(&Tlsx, r#"{"host":"192.0.2.7","port":"443","probe_status":true,"subject_cn":"localhost"}"#);
    }

    #[test]
    #[should_panic(expected = "no certificate was seen")]
    fn a_failed_probe_is_not_an_answer() {
        observe(
            &Tlsx,
            r#"{"timestamp":"2026-04-28T06:50:40Z","host":"www.stadt.example","port":"443","probe_status":false,"error":"connection refused"}"#,
        );
    }
}
