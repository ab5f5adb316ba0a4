//! httpx `-json`: one line a URL, what the web server said as flat keys, header names with underscores below
//! `header`, the certificate below `tls`. Older versions write hyphens in keys and `technologies` for `tech`.

use serde_json::Value;

use super::json::{first, first_name, list, text, texts, time, words};
use super::{Context, ScanFormat, tlsx};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::Kind;

/// ProjectDiscovery httpx.
pub struct Httpx;

/// Single values, each with the spellings of newer and older versions.
const VALUES: [(&str, &[&str]); 5] = [
    ("status", &["status_code", "status-code"]),
    ("title", &["title"]),
    ("server", &["webserver", "web-server"]),
    ("favicon", &["favicon", "favicon_mmh3", "favicon-mmh3"]),
    ("cdn", &["cdn_name", "cdn-name"]),
];

impl ScanFormat for Httpx {
    fn name(&self) -> &'static str {
        "httpx"
    }

    fn recognises(&self, record: &Value) -> bool {
        let probed = || status(record).is_some() || record.get("failed").is_some_and(Value::is_boolean);
        let described =
            || ["tech", "technologies", "webserver", "title", "header"].iter().any(|key| record.get(key).is_some());
        ["url", "input", "host"].iter().any(|key| text(record, key).is_some()) && (probed() || described())
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        // The input is what was asked for; `host` is an address in most versions.
        let host = first_name("input", ["input", "host", "url"].iter().filter_map(|key| text(record, key)))?;
        let failed = record.get("failed").and_then(Value::as_bool) == Some(true);
        if failed && status(record).is_none_or(|code| code == 0) {
            let error = text(record, "error").unwrap_or("true");
            return Err(Fault::new("failed", error, "the web server gave no answer").hint("scan this host again"));
        }
        emit.subject("input", host, time(record, "timestamp", context)?)?;
        for (key, spellings) in VALUES {
            if let Some(value) = first(record, spellings).filter(|value| key != "status" || value != "0") {
                emit.found(Kind::Http, key, &value);
            }
        }
        words(record, "tech")
            .chain(words(record, "technologies"))
            .for_each(|tech| emit.found(Kind::Http, "tech", tech));
        headers(record.get("header"), emit);
        texts(record, "cname").for_each(|target| emit.cname(target));
        ["tls", "tls-grab", "tls_grab"]
            .iter()
            .filter_map(|key| record.get(key))
            .for_each(|tls| tlsx::certificate(tls, emit));
        cpes(record, emit);
        Ok(())
    }
}

/// The HTTP status, a number here and a word in dnsx.
fn status(record: &Value) -> Option<u64> {
    record.get("status_code").or(record.get("status-code"))?.as_u64()
}

fn cpes(record: &Value, emit: &mut Emit) {
    let written = list(record, "cpe").filter_map(|cpe| cpe.as_str().or_else(|| text(cpe, "cpe")));
    written.filter(|cpe| !cpe.trim().is_empty()).for_each(|cpe| emit.found(Kind::Cpe, "", cpe));
}

/// Writes an object of headers, each a text, several, or (in Censys) several below one more `headers`.
pub(super) fn headers(written: Option<&Value>, emit: &mut Emit) {
    for (name, value) in written.and_then(Value::as_object).into_iter().flatten() {
        let one = value.as_str().into_iter();
        let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        one.chain(many).chain(texts(value, "headers")).for_each(|value| header(name, value, emit));
    }
}

/// Writes one header, and the names of the cookies that it sets.
pub(super) fn header(name: &str, value: &str, emit: &mut Emit) {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    emit.found(Kind::Http, &format!("header:{name}"), value);
    if name == "set-cookie" {
        cookie_names(value).for_each(|cookie| emit.found(Kind::Http, "cookie", cookie));
    }
}

/// The cookies of one or of several `Set-Cookie` values joined by commas. The comma of a date (`expires=Wed, 21 Oct …`)
/// begins no cookie, as no name with an equals sign follows it.
fn cookie_names(value: &str) -> impl Iterator<Item = &str> {
    let pairs = value.split([',', '\n']).filter_map(|cookie| cookie.split(';').next()?.split_once('='));
    pairs.map(|(name, _)| name.trim()).filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn what_the_web_server_said_becomes_rows() {
        let rows = observe(
            &Httpx,
            r#"{"timestamp":"2026-04-28T08:50:40.79+02:00","port":"443","url":"https://files.stadt.example","input":"files.stadt.example","title":"Sign On","scheme":"https","webserver":"Microsoft-IIS/10.0","host":"192.0.2.7","favicon":"989289239","a":["192.0.2.7"],"cname":["Files.Hosted.example."],"tech":["IIS:10.0","MOVEit"],"status_code":200,"failed":false,"cdn":true,"cdn_name":"cloudflare","header":{"set_cookie":"siLock=1; expires=Wed, 21 Oct 2026 07:28:00 GMT; path=/, ASP.NET_SessionId=x; HttpOnly","x_moveitisapi_version":"15.0"},"tls":{"host":"files.stadt.example","subject_cn":"files.stadt.example"},"cpe":[{"product":"iis","vendor":"microsoft","cpe":"cpe:2.3:a:microsoft:iis:*:*:*:*:*:*:*:*"}]}"#,
        );
        let want = [
            "http status 200",
            "http title Sign On",
            "http server Microsoft-IIS/10.0",
            "http favicon 989289239",
            "http cdn cloudflare",
            "http tech IIS:10.0",
            "http tech MOVEit",
            "http header:set-cookie siLock=1; expires=Wed, 21 Oct 2026 07:28:00 GMT; path=/, ASP.NET_SessionId=x; HttpOnly",
            "http cookie siLock",
            "http cookie ASP.NET_SessionId",
            "http header:x-moveitisapi-version 15.0",
            "cname  files.hosted.example",
            "tls subject_cn files.stadt.example",
            "cpe  cpe:2.3:a:microsoft:iis:*:*:*:*:*:*:*:*",
        ];
        assert_eq!(rows, want.map(|row| format!("files.stadt.example {row} found")).join("\n"));
    }

    #[test]
    fn older_spellings_are_read() {
        let line = r#"{"timestamp":"2021-06-05T15:51:09+05:30","url":"https://stadt.example:443","input":"192.0.2.7","host":"192.0.2.7","webserver":"nginx","title":"","status-code":403,"technologies":["Nginx"],"failed":false}"#;
        assert_eq!(
            observe(&Httpx, line),
            "stadt.example http status 403 found\nstadt.example http server nginx found\nstadt.example http tech Nginx found"
        );
    }

    #[test]
    #[should_panic(expected = "the web server gave no answer")]
    fn a_failed_probe_is_not_an_answer() {
        observe(
            &Httpx,
            r#"{"timestamp":"2026-04-28T06:50:40Z","url":"http://stadt.example","input":"stadt.example","error":"no route","status_code":0,"failed":true}"#,
        );
    }

    #[test]
    #[should_panic(expected = "an address, not a domain name")]
    fn an_address_alone_can_t_be_used() {
        observe(&Httpx, r#"{"url":"http://192.0.2.7","input":"192.0.2.7","status_code":200}"#);
    }
}
