//! One way to run a child process and one way to time a step, so that every failure reads alike.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a child to its end, its output going straight to the terminal.
///
/// # Errors
/// If it cannot start or does not succeed; the message holds the command line.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    println!("    $ {line}");
    // CI has no stdin, and a tool that stops to ask a question would wait there for ever.
    let status =
        command.stdin(Stdio::null()).status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Whether a child succeeds, its output thrown away: for asking, not for doing.
pub fn succeeds(command: &mut Command) -> bool {
    output(command).is_some()
}

/// What a child prints, if it succeeds.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Says what begins, does it, and says how long it took.
pub fn timed(heading: &str, work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    println!("\n==> {heading}");
    let start = Instant::now();
    let result = work();
    let taken = start.elapsed();
    match result {
        Ok(()) => println!("    done in {}", clock(taken)),
        Err(_) => println!("    FAILED after {}", clock(taken)),
    }
    result.map(|()| taken).with_context(|| heading.to_owned())
}

/// A duration as people read it: `4.2 s` or `3 min 07 s`.
pub fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f32())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = run(Command::new("false").arg("--now")).unwrap_err().to_string();
        assert!(error.starts_with("`false --now` failed"), "{error}");
        let error = run(&mut Command::new("subrosa-no-such-program")).unwrap_err().to_string();
        assert_eq!(error, "cannot start `subrosa-no-such-program`");
    }

    #[test]
    fn minutes_are_shown_from_sixty_seconds_on() {
        assert_eq!(clock(Duration::from_millis(4_200)), "4.2 s");
        assert_eq!(clock(Duration::from_secs(187)), "3 min 07 s");
    }
}
