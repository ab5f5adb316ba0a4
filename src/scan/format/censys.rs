//! Censys hosts: one record an address, its services in a list, names below `dns`; bare or wrapped in `result`, `hit`,
//! `host` or `resource`. Both the Search 2 spelling (`service_name`, `observed_at`) and the Platform's (`protocol`,
//! `scan_time`) are read.

use serde_json::Value;

use super::json::{first, hosts, list, scalar, text, texts, time};
use super::{Context, ScanFormat, httpx, shodan, tlsx};
use crate::fault::Fault;
use crate::moment::Moment;
use crate::scan::emit::Emit;
use crate::scan::observation::Kind;

/// Censys host records.
pub struct Censys;

const WRAPPERS: [&str; 4] = ["result", "hit", "host", "resource"];

impl ScanFormat for Censys {
    fn name(&self) -> &'static str {
        "censys"
    }

    fn recognises(&self, record: &Value) -> bool {
        let host = inside(record);
        host.get("services").is_some_and(Value::is_array) && (text(host, "ip").is_some() || host.get("dns").is_some())
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let record = inside(record);
        let places = ["/dns/names", "/dns/reverse_dns/names", "/name"];
        let written = places.iter().filter_map(|place| record.pointer(place)).flat_map(each);
        let (names, refused) = hosts("dns.names", written);
        if names.is_empty() {
            return Err(shodan::nameless("ip", text(record, "ip").unwrap_or("")));
        }
        refused.into_iter().for_each(|fault| emit.note(fault));
        for host in &names {
            for one in list(record, "services") {
                emit.subject("dns.names", host, seen(one, record, context)?)?;
                service(one, emit);
            }
        }
        Ok(())
    }
}

/// The host record inside its wrappers.
fn inside(record: &Value) -> &Value {
    let mut host = record;
    while host.get("services").is_none()
        && let Some(inner) = WRAPPERS.iter().find_map(|key| host.get(key).filter(|inner| inner.is_object()))
    {
        host = inner;
    }
    host
}

/// When the service was seen, else when the host was last looked at.
fn seen(service: &Value, host: &Value, context: &Context) -> Result<Moment, Fault> {
    let own = ["observed_at", "scan_time"].into_iter().find(|key| text(service, key).is_some());
    own.map_or_else(|| time(host, "last_updated_at", context), |key| time(service, key, context))
}

/// The texts of a list, or a single one.
fn each(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().chain(Some(value)).filter_map(Value::as_str)
}

fn service(service: &Value, emit: &mut Emit) {
    let port = first(service, &["port"]).unwrap_or_default();
    let known = list(service, "software").find_map(product);
    let named = known.as_ref().map(|(name, version)| format!("{name} {version}").trim().to_string());
    let named = named.or_else(|| first(service, &["service_name", "protocol"])).unwrap_or("open".to_string());
    if !port.is_empty() {
        emit.found(Kind::Port, &port, &named);
    }
    for cpe in list(service, "software").filter_map(|s| first(s, &["uniform_resource_identifier", "cpe"])) {
        emit.found(Kind::Cpe, "", &cpe);
    }
    let ids = list(service, "vulns").filter_map(|vulnerability| first(vulnerability, &["id"]));
    let affected = known.map_or(port, |(name, _)| name);
    ids.for_each(|id| emit.found(Kind::Cve, &affected, &id.to_ascii_uppercase()));
    let endpoints = list(service, "endpoints").filter_map(|endpoint| endpoint.get("http"));
    service.pointer("/http/response").into_iter().chain(endpoints).for_each(|response| web(response, emit));
    let certificates = [service.pointer("/tls/certificates/leaf_data"), service.get("cert")];
    certificates.into_iter().flatten().for_each(|leaf| certificate(leaf, emit));
}

/// Product and version of one piece of software; the version is blank when it isn't known.
fn product(software: &Value) -> Option<(String, String)> {
    Some((first(software, &["product", "vendor"])?, first(software, &["version"]).unwrap_or_default()))
}

fn web(response: &Value, emit: &mut Emit) {
    for (key, written) in [("status", "status_code"), ("title", "html_title")] {
        first(response, &[written]).iter().for_each(|value| emit.found(Kind::Http, key, value));
    }
    let server = ["Server", "server"].iter().filter_map(|name| response.get("headers")?.get(name));
    let server = server.flat_map(|value| each(value).chain(texts(value, "headers")));
    server.filter(|value| !value.trim().is_empty()).for_each(|value| emit.found(Kind::Http, "server", value));
    let hashes = list(response, "favicons").filter_map(|icon| first(icon, &["hash_shodan", "shodan_hash"]));
    hashes.for_each(|hash| emit.found(Kind::Http, "favicon", &hash));
    httpx::headers(response.get("headers"), emit);
}

/// The leaf certificate: names beside its parsed form (Platform) or among it (Search 2).
fn certificate(leaf: &Value, emit: &mut Emit) {
    let parsed = leaf.get("parsed").unwrap_or(leaf);
    for (key, dn) in [("subject_cn", "subject_dn"), ("issuer_cn", "issuer_dn")] {
        common_name(text(parsed, dn).unwrap_or("")).iter().for_each(|name| tlsx::field(key, name, emit));
    }
    texts(leaf, "names").for_each(|name| tlsx::field("subject_an", name, emit));
    let until = parsed.get("validity_period").and_then(|period| scalar(period, "not_after"));
    until.iter().for_each(|until| tlsx::field("not_after", until, emit));
}

/// The common name in a distinguished name such as `C=DE, O=Stadt, CN=stadt.example`.
fn common_name(distinguished: &str) -> Option<&str> {
    distinguished.split(',').find_map(|part| part.trim().strip_prefix("CN="))
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn services_speak_for_each_name_of_the_address() {
        let rows = observe(
            &Censys,
            r#"{"code":200,"status":"OK","result":{"ip":"192.0.2.7","services":[
                {"port":443,"service_name":"HTTP","extended_service_name":"HTTPS","observed_at":"2026-04-28T06:50:40.123Z",
                 "software":[{"uniform_resource_identifier":"cpe:2.3:a:progress:moveit_transfer:15.0:*:*:*:*:*:*:*","part":"a","vendor":"Progress","product":"MOVEit Transfer","version":"15.0"}],
                 "http":{"response":{"status_code":200,"html_title":"Sign On","headers":{"Server":["Microsoft-IIS/10.0"],"_encoding":{"Server":"DISPLAY_UTF8"}}}},
                 "tls":{"certificates":{"leaf_data":{"names":["files.stadt.example"],"subject_dn":"C=DE, CN=files.stadt.example","issuer_dn":"C=XX, O=Example CA, CN=Example R3"}}}},
                {"port":22,"service_name":"SSH"}],
              "dns":{"names":["files.stadt.example"],"reverse_dns":{"names":["FILES.stadt.example","host7.provider.example"]}},"last_updated_at":"2026-04-27T00:00:00Z"}}"#,
        );
        let of = |host: &str| {
            let rows = [
                "port 443 MOVEit Transfer 15.0",
                "cpe  cpe:2.3:a:progress:moveit_transfer:15.0:*:*:*:*:*:*:*",
                "http status 200",
                "http title Sign On",
                "http server Microsoft-IIS/10.0",
                "http header:server Microsoft-IIS/10.0",
                "tls subject_cn files.stadt.example",
                "tls issuer_cn Example R3",
                "tls subject_an files.stadt.example",
                "port 22 SSH",
            ];
            rows.map(|row| format!("{host} {row} found")).join("\n")
        };
        assert_eq!(rows, format!("{}\n{}", of("files.stadt.example"), of("host7.provider.example")));
    }

    #[test]
    fn the_spelling_of_the_platform_is_read() {
        let line = r#"{"host":{"ip":"192.0.2.7","dns":{"names":["*.stadt.example"]},"services":[{"port":8443,"protocol":"UNKNOWN","scan_time":"2026-04-28T06:50:40Z","software":[{"vendor":"fortinet","cpe":"cpe:2.3:o:fortinet:fortios:*:*:*:*:*:*:*:*"}],"vulns":[{"id":"cve-2024-21762"}],"endpoints":[{"http":{"headers":{"Server":{"headers":["xxxxxxxx-xxxxx"]}},"favicons":[{"hash_shodan":945408572}]}}],"cert":{"parsed":{"subject_dn":"CN=FGT60","validity_period":{"not_after":"2036-01-01T00:00:00Z"}},"names":["vpn.stadt.example"]}}]}}"#;
        let want = [
            "port 8443 fortinet",
            "cpe  cpe:2.3:o:fortinet:fortios:*:*:*:*:*:*:*:*",
            "cve fortinet CVE-2024-21762",
            "http server xxxxxxxx-xxxxx",
            "http favicon 945408572",
            "http header:server xxxxxxxx-xxxxx",
            "tls subject_cn FGT60",
            "tls subject_an vpn.stadt.example",
            "tls not_after 2036-01-01T00:00:00Z",
        ];
        assert_eq!(observe(&Censys, line), want.map(|row| format!("stadt.example {row} found")).join("\n"));
    }

    #[test]
    #[should_panic(expected = "no host name: an address can't be joined with a book")]
    fn an_address_without_a_name_can_t_be_used() {
        observe(&Censys, r#"{"ip":"192.0.2.7","services":[{"port":22,"service_name":"SSH"}],"dns":{}}"#);
    }
}
