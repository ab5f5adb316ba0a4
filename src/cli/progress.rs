//! A progress line on standard error for work over two seconds; silent when nobody watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the stage in hand.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts hidden, for so many steps; appears after two seconds, when standard error is a terminal.
    pub fn start(steps: usize) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(steps as u64 + 1), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} [{bar:24}] {msg} ({elapsed})") {
            bar.set_style(style.progress_chars("=> "));
        }
        let late = bar.downgrade();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            if let Some(bar) = late.upgrade().filter(|bar| !bar.is_finished()) {
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Progress { bar }
    }

    /// Says which step is being done.
    pub fn say(&self, what: &str) {
        self.bar.inc(1);
        self.bar.set_message(what.to_string());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
