//! zdns: one line a name, below `results` one answer a module (`MXLOOKUP`, `TXT`, `CNAME` …), each with its own time
//! and status. Before zdns 2 a line held one module's answer at the top level and did not say which module it was.
//!
//! What was asked and not answered with a record is an observation too, so every module's question is remembered and
//! settled at the end, when it is known what all modules together have found.

use serde_json::Value;

use super::json::{list, scalar, text, time, words};
use super::{Context, ScanFormat};
use crate::fault::Fault;
use crate::moment::Moment;
use crate::scan::emit::Emit;
use crate::scan::observation::{Kind, Status};

/// ZMap zdns.
pub struct Zdns;

/// A module's name, and what it asks for.
type Module = (&'static str, &'static [Kind]);

/// Modules whose answers are read, with the kinds that they ask for at an ordinary host. `AAAA` alone says nothing
/// about addresses as a whole; `DMARC` belongs at a `_dmarc` host.
static MODULES: [Module; 14] = [
    ("MX", &[Kind::Mx]),
    ("MXLOOKUP", &[Kind::Mx]),
    ("TXT", &[Kind::Spf, Kind::Txt]),
    ("SPF", &[Kind::Spf]),
    ("DMARC", &[]),
    ("NS", &[Kind::Ns]),
    ("NSLOOKUP", &[Kind::Ns]),
    ("CNAME", &[Kind::Cname]),
    ("A", &[Kind::A]),
    ("ALOOKUP", &[Kind::A]),
    ("AAAA", &[]),
    ("SOA", &[Kind::Soa]),
    ("CAA", &[Kind::Caa]),
    ("ANY", &[]),
];

/// Keys of the data that only one module writes.
const SHAPES: [(&str, &str); 5] = [
    ("exchanges", "MXLOOKUP"),
    ("servers", "NSLOOKUP"),
    ("spf", "SPF"),
    ("dmarc", "DMARC"),
    ("ipv4_addresses", "ALOOKUP"),
];

impl ScanFormat for Zdns {
    fn name(&self) -> &'static str {
        "zdns"
    }

    fn recognises(&self, record: &Value) -> bool {
        let legacy = || record.get("data").is_some_and(Value::is_object) && text(record, "status").is_some();
        text(record, "name").is_some() && (record.get("results").is_some_and(Value::is_object) || legacy())
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        // With `--prefix` or `--override-name` the question was about another name than the one in the input.
        let host = text(record, "altered_name").or(text(record, "name")).unwrap_or("");
        let modules = modules(record)?;
        let (mut asked, mut unanswered) = (Vec::new(), Vec::new());
        for (module, result) in &modules {
            let at = time(result, "timestamp", context)?;
            emit.subject("name", host, at)?;
            match answered(module, result, emit) {
                Ok(status) => asked.extend(questions(module, status, emit).iter().map(|kind| (*kind, status, at))),
                Err(fault) => unanswered.push(fault),
            }
        }
        if unanswered.len() == modules.len() {
            return Err(unanswered.swap_remove(0).hint("scan this name again"));
        }
        unanswered.into_iter().for_each(|fault| emit.note(fault));
        settle(host, asked, emit)
    }
}

/// The modules' results that can be read.
fn modules(record: &Value) -> Result<Vec<(&'static str, &Value)>, Fault> {
    let Some(results) = record.get("results").and_then(Value::as_object) else {
        return Ok(vec![(legacy_module(record)?, record)]);
    };
    let read: Vec<_> = results.iter().filter_map(|(name, result)| Some((known(name)?.0, result))).collect();
    if read.is_empty() {
        let names = results.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(Fault::new("results", &names, "no module in it whose answers are used").hint(readable()));
    }
    Ok(read)
}

fn readable() -> String {
    format!("run zdns with one of the modules {}", MODULES.map(|(module, _)| module).join(", "))
}

fn known(name: &str) -> Option<&'static Module> {
    MODULES.iter().find(|(module, _)| module.eq_ignore_ascii_case(name))
}

/// Which module wrote a line of zdns 1: its data tells. A name that does not exist answers any question.
fn legacy_module(record: &Value) -> Result<&'static str, Fault> {
    let data = record.get("data").unwrap_or(&Value::Null);
    let shape = SHAPES.iter().find(|(key, _)| data.get(key).is_some_and(|value| !value.is_null()));
    let types = list(data, "answers").filter_map(|answer| text(answer, "type"));
    let types: Vec<&str> = types.filter_map(known).map(|(module, _)| *module).collect();
    // A CNAME is the way to another answer, where there is another.
    let typed = types.iter().find(|module| **module != "CNAME").or(types.first()).copied();
    match (shape, typed, text(record, "status")) {
        (Some((_, module)), ..) => Ok(module),
        (None, Some(module), _) => Ok(module),
        (None, None, Some("NOERROR" | "NORECORD") | None) => {
            Err(Fault::new("data", "", "no answers, and the module that was asked isn't known")
                .hint("scan with zdns 2, which names the module"))
        }
        _ => Ok("ANY"),
    }
}

/// Writes what a module found; says whether the name and the record exist.
fn answered(module: &str, result: &Value, emit: &mut Emit) -> Result<Status, Fault> {
    let data = result.get("data").filter(|data| data.is_object() && data.get("per_layer_responses").is_none());
    match (text(result, "status").unwrap_or(""), data) {
        ("NOERROR", Some(data)) => {
            lookups(data, emit);
            answers(module, data, emit);
            Ok(Status::Empty)
        }
        ("NOERROR", None) => Err(Fault::new(module, "NOERROR", "an answer without the usual `data`")),
        ("NORECORD", _) => Ok(Status::Empty),
        ("NXDOMAIN", _) => Ok(Status::NxDomain),
        // SERVFAIL, TIMEOUT and the like: the question was not answered, so nothing is known.
        (other, _) => Err(Fault::new(module, other, "the name server gave no answer")),
    }
}

/// What the modules that look further than one query write.
fn lookups(data: &Value, emit: &mut Emit) {
    for exchange in list(data, "exchanges") {
        if let Some(name) = text(exchange, "name") {
            emit.mx(&scalar(exchange, "preference").unwrap_or_default(), name);
        }
    }
    list(data, "servers")
        .filter_map(|server| text(server, "name"))
        .for_each(|name| emit.host_value(Kind::Ns, "", name));
    words(data, "spf").for_each(|spf| emit.txt(&one_string(spf)));
    words(data, "dmarc").for_each(|dmarc| emit.dmarc(&one_string(dmarc)));
    let addresses = words(data, "ipv4_addresses").chain(words(data, "ipv6_addresses"));
    addresses.for_each(|address| emit.host_value(address_kind(emit), "", address));
}

/// The plain answers. A CNAME in them is the way to the answer; it is the host's own where an address or the alias
/// itself was asked for, and at a DKIM selector, whose key is often looked for behind it.
fn answers(module: &str, data: &Value, emit: &mut Emit) {
    let own_alias = matches!(module, "CNAME" | "A" | "AAAA" | "ANY") || emit.kind_of_host() == Some(Kind::Dkim);
    for answer in list(data, "answers") {
        let value = text(answer, "answer").unwrap_or("");
        match text(answer, "type").unwrap_or("") {
            "MX" => emit.mx(&scalar(answer, "preference").unwrap_or_default(), value),
            "NS" => emit.host_value(Kind::Ns, "", value),
            "CNAME" if own_alias => emit.cname(value),
            "A" | "AAAA" => emit.host_value(address_kind(emit), "", value),
            "SOA" => [("mname", "ns"), ("rname", "mbox")]
                .into_iter()
                .filter_map(|(key, field)| Some((key, text(answer, field)?)))
                .for_each(|(key, host)| emit.host_value(Kind::Soa, key, host)),
            "CAA" => emit.found(Kind::Caa, text(answer, "tag").unwrap_or(""), text(answer, "value").unwrap_or(value)),
            _ => {}
        }
    }
    let of_txt = |answer: &&Value| text(answer, "type") == Some("TXT");
    let strings: Vec<String> =
        list(data, "answers").filter(of_txt).filter_map(|a| text(a, "answer")).map(one_string).collect();
    if module == "TXT" || !strings.is_empty() {
        emit.txt_answers(strings.iter().map(String::as_str));
    }
}

/// zdns parts the strings of one TXT record by line breaks; they are one text (RFC 7208 section 3.3).
fn one_string(text: &str) -> String {
    text.replace('\n', "")
}

fn address_kind(emit: &Emit) -> Kind {
    emit.kind_of_host().filter(|kind| *kind == Kind::Autodiscover).unwrap_or(Kind::A)
}

/// The kinds of which `module` can say, at this host, that there is no record.
fn questions(module: &str, status: Status, emit: &Emit) -> Vec<Kind> {
    let missing = status == Status::NxDomain;
    let when =
        |kind: Kind, modules: &[&str]| if missing || modules.contains(&module) { vec![kind] } else { Vec::new() };
    match emit.kind_of_host() {
        Some(kind @ Kind::Dkim) => when(kind, &["CNAME", "TXT"]),
        Some(kind @ Kind::Dmarc) => when(kind, &["TXT", "DMARC"]),
        Some(kind) => when(kind, &["CNAME", "A", "ALOOKUP"]),
        None => match known(module) {
            Some((_, [])) if missing => vec![Kind::Mx, Kind::Spf, Kind::Txt, Kind::Ns],
            known => known.map_or(Vec::new(), |(_, kinds)| kinds.to_vec()),
        },
    }
}

/// What was asked for and found by no module is written as such.
fn settle(host: &str, asked: Vec<(Kind, Status, Moment)>, emit: &mut Emit) -> Result<(), Fault> {
    for (kind, status, at) in asked {
        if !emit.rows.iter().any(|row| row.kind == kind) {
            emit.subject("name", host, at)?;
            emit.absent(kind, status);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn each_module_answers_for_its_kind() {
        let rows = observe(
            &Zdns,
            r#"{"name":"stadt.example","results":{
                "A":{"status":"NOERROR","timestamp":"2026-04-28T08:50:40+02:00","data":{"answers":[{"type":"A","name":"stadt.example","answer":"192.0.2.7","ttl":300}],"protocol":"udp"}},
                "CAA":{"status":"SERVFAIL","timestamp":"2026-04-28T08:50:40+02:00","data":{}},
                "MXLOOKUP":{"status":"NOERROR","timestamp":"2026-04-28T08:50:41+02:00","data":{"exchanges":[{"type":"MX","name":"Mx.Stadt.example","preference":10,"ipv4_addresses":["192.0.2.8"]}]}},
                "NS":{"status":"NOERROR","timestamp":"2026-04-28T08:50:41+02:00","data":{"protocol":"udp","resolver":"192.0.2.53:53"}},
                "TXT":{"status":"NOERROR","timestamp":"2026-04-28T08:50:41+02:00","data":{"answers":[{"type":"TXT","name":"stadt.example","answer":"v=spf1 include:spf.protec\ntion.outlook.com -all"}]}}}}"#,
        );
        assert_eq!(
            rows,
            "stadt.example a  192.0.2.7 found\nstadt.example mx 10 mx.stadt.example found\n\
             stadt.example spf record v=spf1 include:spf.protection.outlook.com -all found\n\
             stadt.example spf include spf.protection.outlook.com found\nstadt.example txt   empty\nstadt.example ns   empty"
        );
    }

    #[test]
    fn a_missing_name_and_a_null_mx_are_answers() {
        let null = r#"{"name":"stadt.example","results":{"MX":{"status":"NOERROR","data":{"answers":[{"type":"MX","answer":".","preference":0}]}}}}"#;
        assert_eq!(observe(&Zdns, null), "stadt.example mx null  empty");
        let gone =
            r#"{"name":"stadt.example","results":{"MX":{"status":"NXDOMAIN","data":{}},"TXT":{"status":"NXDOMAIN"}}}"#;
        assert_eq!(
            observe(&Zdns, gone),
            "stadt.example mx   nxdomain\nstadt.example spf   nxdomain\nstadt.example txt   nxdomain"
        );
    }

    #[test]
    fn hosts_that_decide_their_kind_are_asked_about_that_kind() {
        let cases = [
            (
                r#"{"name":"stadt.example","altered_name":"selector1._domainkey.stadt.example","results":{"TXT":{"status":"NOERROR","data":{"answers":[{"type":"CNAME","answer":"selector1-stadt._domainkey.tenant.example."}]}}}}"#,
                "selector1._domainkey.stadt.example dkim selector1 selector1-stadt._domainkey.tenant.example found",
            ),
            (
                r#"{"name":"autodiscover.stadt.example","results":{"A":{"status":"NOERROR","data":{"answers":[{"type":"CNAME","answer":"autodiscover.outlook.com."},{"type":"A","answer":"192.0.2.9"}]}},"MX":{"status":"NOERROR","data":{}}}}"#,
                "autodiscover.stadt.example autodiscover  autodiscover.outlook.com found\nautodiscover.stadt.example autodiscover  192.0.2.9 found",
            ),
            (
                r#"{"name":"_dmarc.stadt.example","results":{"DMARC":{"status":"NOERROR","data":{"dmarc":"v=DMARC1; p=none"}}}}"#,
                "_dmarc.stadt.example dmarc record v=DMARC1; p=none found\n_dmarc.stadt.example dmarc p none found",
            ),
            (
                r#"{"name":"_dmarc.stadt.example","results":{"DMARC":{"status":"NORECORD","data":{}}}}"#,
                "_dmarc.stadt.example dmarc   empty",
            ),
            (
                r#"{"name":"_dmarc.stadt.example","results":{"TXT":{"status":"NXDOMAIN"}}}"#,
                "_dmarc.stadt.example dmarc   nxdomain",
            ),
        ];
        for (line, want) in cases {
            assert_eq!(observe(&Zdns, line), want);
        }
    }

    #[test]
    fn a_line_of_zdns_1_is_told_by_its_answers() {
        let txt = r#"{"name":"stadt.example","status":"NOERROR","timestamp":"2019-06-01T10:00:00Z","data":{"answers":[{"type":"TXT","answer":"MS=ms1"}]}}"#;
        assert_eq!(observe(&Zdns, txt), "stadt.example txt  MS=ms1 found\nstadt.example spf   empty");
        let gone = r#"{"name":"stadt.example","status":"NXDOMAIN","data":{"authorities":[]}}"#;
        assert_eq!(observe(&Zdns, gone).lines().count(), 4);
    }

    #[test]
    #[should_panic(expected = "the module that was asked isn't known")]
    fn a_line_of_zdns_1_without_answers_can_t_be_told() {
        observe(&Zdns, r#"{"name":"stadt.example","status":"NOERROR","data":{"protocol":"udp"}}"#);
    }

    #[test]
    #[should_panic(expected = "gave no answer")]
    fn a_time_out_of_every_module_is_not_an_answer() {
        observe(
            &Zdns,
            r#"{"name":"stadt.example","results":{"MX":{"status":"TIMEOUT","data":{}},"TXT":{"status":"SERVFAIL"}}}"#,
        );
    }
}
