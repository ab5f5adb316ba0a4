//! dnsx `-json`: one line a host, answers as lists by record type, empty answers left out.

use serde_json::Value;

use super::json::{list, text, texts, time};
use super::{Context, ScanFormat};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::{Kind, Status};

/// ProjectDiscovery dnsx.
pub struct Dnsx;

/// Record types that dnsx writes as lists, in its own spelling.
const LISTS: [&str; 8] = ["mx", "txt", "ns", "cname", "a", "aaaa", "soa", "caa"];

impl ScanFormat for Dnsx {
    fn name(&self) -> &'static str {
        "dnsx"
    }

    fn recognises(&self, record: &Value) -> bool {
        text(record, "host").is_some()
            && (record.get("status_code").is_some_and(Value::is_string)
                || LISTS.iter().any(|k| record.get(k).is_some_and(Value::is_array)))
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let host = text(record, "host").ok_or_else(|| Fault::new("host", "", "required in a dnsx record"))?;
        emit.subject("host", host, time(record, "timestamp", context)?)?;
        let status = text(record, "status_code").unwrap_or("NOERROR");
        match status {
            "NXDOMAIN" => {
                emit.name_does_not_exist();
                return Ok(());
            }
            "NOERROR" => {}
            // SERVFAIL, REFUSED, a time-out: the question was not answered, so nothing is known.
            other => {
                return Err(
                    Fault::new("status_code", other, "the name server gave no answer").hint("scan this host again")
                );
            }
        }
        answers(record, emit);
        let special = emit.kind_of_host();
        self.asked_and_empty(record, context, special, emit);
        Ok(())
    }
}

fn answers(record: &Value, emit: &mut Emit) {
    texts(record, "mx").for_each(|host| emit.mx("", host));
    if record.get("txt").is_some() {
        emit.txt_answers(texts(record, "txt"));
    }
    texts(record, "cname").for_each(|target| emit.cname(target));
    texts(record, "ns").for_each(|host| emit.host_value(Kind::Ns, "", host));
    let address = if emit.kind_of_host() == Some(Kind::Autodiscover) { Kind::Autodiscover } else { Kind::A };
    for key in ["a", "aaaa"] {
        texts(record, key).for_each(|value| emit.host_value(address, "", value));
    }
    for value in list(record, "soa") {
        // Since dnsx 1.1.5 an object; before that, strings.
        for (key, field) in [("mname", "ns"), ("rname", "mbox")] {
            text(value, field).into_iter().for_each(|host| emit.host_value(Kind::Soa, key, host));
        }
        value.as_str().into_iter().for_each(|host| emit.host_value(Kind::Soa, "", host));
    }
    texts(record, "caa").for_each(|value| emit.found(Kind::Caa, "", value));
}

impl Dnsx {
    /// A type that this run asked for and this line does not have was asked and empty.
    fn asked_and_empty(&self, record: &Value, context: &Context, special: Option<Kind>, emit: &mut Emit) {
        if let Some(kind) = special {
            if !emit.rows.iter().any(|row| row.kind == kind) {
                emit.absent(kind, Status::Empty);
            }
            return;
        }
        let empty = |key: &str| list(record, key).next().is_none();
        let asked = |key: &str| record.get(key).is_some() || context.dnsx_asked().iter().any(|k| k == key);
        if asked("mx") && empty("mx") {
            emit.absent(Kind::Mx, Status::Empty);
        }
        if record.get("txt").is_none() && asked("txt") {
            emit.txt_answers([]);
        }
        for (key, kind) in
            [("ns", Kind::Ns), ("cname", Kind::Cname), ("a", Kind::A), ("soa", Kind::Soa), ("caa", Kind::Caa)]
        {
            if asked(key) && empty(key) {
                emit.absent(kind, Status::Empty);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{observe, observe_with};
    use super::*;

    #[test]
    fn answers_become_rows_and_traps_are_defused() {
        let rows = observe(
            &Dnsx,
            r#"{"host":"Stadt.example.","status_code":"NOERROR","timestamp":"2026-04-28T06:50:40Z","mx":["","MX.Stadt.example."],"txt":["v=spf1 redirect=_spf.mim.ec","MS=ms1"],"soa":[{"name":"stadt.example","ns":"ns1.dynect.net","mbox":"h.dynect.net"}]}"#,
        );
        assert_eq!(
            rows,
            "stadt.example mx null  empty\nstadt.example mx  mx.stadt.example found\n\
             stadt.example spf record v=spf1 redirect=_spf.mim.ec found\nstadt.example spf redirect _spf.mim.ec found\n\
             stadt.example txt  MS=ms1 found\nstadt.example soa mname ns1.dynect.net found\nstadt.example soa rname h.dynect.net found"
        );
    }

    #[test]
    fn what_the_run_asked_for_and_the_line_lacks_was_asked_and_empty() {
        let line = r#"{"host":"stadt.example","status_code":"NOERROR","timestamp":"2026-04-28T06:50:40Z"}"#;
        assert_eq!(observe(&Dnsx, line), "");
        assert_eq!(
            observe_with(&Dnsx, line, &["mx", "txt"]),
            "stadt.example mx   empty\nstadt.example spf   empty\nstadt.example txt   empty"
        );
    }

    #[test]
    fn a_name_that_does_not_exist_answers_for_its_kind() {
        let line =
            r#"{"host":"autodiscover.stadt.example","status_code":"NXDOMAIN","timestamp":"2026-04-28T06:50:40Z"}"#;
        assert_eq!(observe(&Dnsx, line), "autodiscover.stadt.example autodiscover   nxdomain");
        let line = r#"{"host":"stadt.example","status_code":"NXDOMAIN","timestamp":"2026-04-28T06:50:40Z"}"#;
        assert_eq!(observe(&Dnsx, line).lines().count(), 4);
    }

    #[test]
    #[should_panic(expected = "gave no answer")]
    fn a_server_failure_is_not_an_answer() {
        observe(&Dnsx, r#"{"host":"stadt.example","status_code":"SERVFAIL","timestamp":"2026-04-28T06:50:40Z"}"#);
    }
}
