//! The plain parts of a regular expression: most values are told apart by them, before the expression is tried.

/// The longest text that every match of a regular expression holds, as far as its plain parts tell; in lower case.
pub fn needed(pattern: &str) -> String {
    let (mut longest, mut run, mut depth) = (String::new(), String::new(), 0usize);
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        let plain = match c {
            '|' if depth == 0 => return String::new(),
            '\\' => escaped(chars.next()),
            '(' | '[' => {
                depth += 1;
                None
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                None
            }
            c => Some(c).filter(|c| is_plain(*c)),
        };
        let optional = is_optional(chars.peek());
        match plain {
            Some(c) if depth == 0 && !optional => run.push(c.to_ascii_lowercase()),
            _ => run.clear(),
        }
        if run.len() > longest.len() {
            longest.clone_from(&run);
        }
    }
    longest
}

/// The text that every match of a regular expression begins with, in lower case; nothing when there is none.
pub fn beginning(pattern: &str) -> Option<String> {
    let mut chars = pattern.strip_prefix('^').filter(|_| !needed(pattern).is_empty())?.chars().peekable();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        let plain = if c == '\\' { escaped(chars.next()) } else { Some(c).filter(|c| is_plain(*c)) };
        match plain.filter(|_| !is_optional(chars.peek())) {
            Some(c) => text.push(c.to_ascii_lowercase()),
            None => break,
        }
    }
    Some(text).filter(|text| !text.is_empty())
}

/// A character that stands for itself.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | ':' | '/' | ' ')
}

/// The character that stands for itself after a backslash.
fn escaped(c: Option<char>) -> Option<char> {
    c.filter(|c| !c.is_ascii_alphanumeric())
}

/// Whether what stands before `next` may be left out.
fn is_optional(next: Option<&char>) -> bool {
    matches!(next, Some('?' | '*' | '{'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_match_holds_is_read_off_the_plain_parts() {
        let cases = [
            (r"^ns\d+-\d+\.azure-dns\.(com|net|org|info)$", ".azure-dns."),
            (r"^MS=(ms\d+|[0-9A-Fa-f]{40})$", "ms="),
            ("^Azure(:|$)", "azure"),
            ("abc|def", ""),
            ("colou?r", "colo"),
            (r"^cpe:(/|2\.3:)[aho]:microsoft:exchange_server", ":microsoft:exchange_server"),
        ];
        for (pattern, needs) in cases {
            assert_eq!(needed(pattern), needs, "{pattern}");
        }
    }

    #[test]
    fn what_every_match_begins_with_is_read_up_to_the_first_choice() {
        let cases = [
            (r"^MS=(ms\d+|[0-9A-Fa-f]{40})$", Some("ms=")),
            (r"^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$", Some("inbound-smtp.")),
            ("^colou?r", Some("colo")),
            ("^a+b", Some("a")),
            ("^ab|^cd", None),
            ("^(ab|cd)", None),
            ("ab", None),
        ];
        for (pattern, begins) in cases {
            assert_eq!(beginning(pattern).as_deref(), begins, "{pattern}");
        }
    }
}
