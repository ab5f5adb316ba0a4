//! One direction of flow: no module uses a later stage.

use std::path::Path;

/// Modules in the order of the flow. Each may use those before it.
const ORDER: [&str; 21] = [
    "fault",
    "money",
    "moment",
    "name",
    "random",
    "input",
    "table",
    "portfolio",
    "fit",
    "incidents",
    "scan",
    "catalogue",
    "inventory",
    "calibration",
    "exposure",
    "treaty",
    "loss",
    "metrics",
    "report",
    "run",
    "demo",
];

/// The command line uses all of them.
const LAST: &str = "cli";

fn sources(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() { sources(&entry, out) } else { out.push(entry) }
    }
}

fn rank(module: &str) -> usize {
    if module == LAST {
        return ORDER.len();
    }
    ORDER
        .iter()
        .position(|m| *m == module)
        .unwrap_or_else(|| panic!("module {module} has no place in the flow: give it one"))
}

#[test]
fn no_module_uses_a_later_stage() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut uses = 0;
    for file in files {
        let inside = file.strip_prefix(&src).unwrap();
        let own = inside.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_string();
        if matches!(own.as_str(), "lib" | "main") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(!text.contains("crate::{"), "{}: one `use` a module, so that this test sees it", inside.display());
        for (at, _) in text.match_indices("crate::") {
            let used: String = text[at + 7..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            if used == own || used.is_empty() {
                continue;
            }
            uses += 1;
            assert!(rank(&used) < rank(&own), "{}: {own} uses {used}, which comes later in the flow", inside.display());
        }
    }
    assert!(uses > 100, "only {uses} uses were found: does the test still see them?");
}

#[test]
fn files_and_functions_stay_readable() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let lines = text.lines().count();
        assert!(lines <= 400, "{}: {lines} lines: split the room", file.display());
        for (name, length) in functions(&text) {
            assert!(length <= 60, "{}: {name} has {length} lines", file.display());
        }
    }
    let main = std::fs::read_to_string(src.join("main.rs")).unwrap();
    assert!(main.lines().count() < 80, "main is a table of contents");
}

/// Name and length of each function, by the brace that closes it at the indent of its head.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let head = line.trim_start();
        let Some((_, name)) = head
            .split_once("fn ")
            .filter(|(before, _)| matches!(before.trim(), "" | "pub" | "pub(crate)" | "pub(super)"))
        else {
            continue;
        };
        let close = format!("{}}}", &line[..line.len() - head.len()]);
        let end = lines[at..].iter().position(|l| *l == close).unwrap_or(0);
        found.push((name.split(['(', '<']).next().unwrap_or("").to_string(), end + 1));
    }
    found
}
