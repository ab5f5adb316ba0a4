//! What the README shows is what the program prints.

use std::path::Path;

use crate::command::{demo, stdout};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

#[test]
fn the_worked_example_is_what_explain_prints() {
    let readme = readme();
    let block = readme.split("```console\n").nth(1).unwrap().split("```").next().unwrap();
    let mut lines = block.lines();
    let command: Vec<&str> = lines.next().unwrap().trim_start_matches("$ blastradius ").split(' ').collect();
    let (_keep, dir) = demo();
    let config = dir.join("RUN.toml").display().to_string();
    let told = stdout(&[command[0], command[1], &config]);
    for line in lines.filter(|line| *line != "…") {
        assert!(told.contains(line), "the README shows\n{line}\nwhich is not in\n{told}");
    }
}

#[test]
fn every_command_and_flag_of_the_readme_is_known() {
    let readme = readme();
    let blocks = readme.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let commands = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("blastradius "));
    let mut seen = 0;
    for command in commands {
        let words: Vec<&str> = command.split('#').next().unwrap().split_whitespace().collect();
        let help = stdout(&[words[0], "--help"]);
        for flag in words.iter().filter(|w| w.starts_with("--")) {
            assert!(help.contains(flag), "{flag} of `{command}`");
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen}");
}
