//! Recorded calls in the real engine, by the program `sagsgang`.

use std::path::Path;
use std::process::Command;

/// The variable that names the program, where it is not found as `sagsgang`.
const PROGRAM: &str = "SAGSGANG";

/// Builds the plugin in a folder and plays its recorded calls in the real engine: `sagsgang plugin test`. The program is the one
/// that the variable `SAGSGANG` names, or that is found as `sagsgang`.
///
/// # Panics
/// When the program cannot be started, the plugin does not build, or a call comes otherwise than recorded; with all that was
/// printed.
#[track_caller]
pub fn in_engine(folder: impl AsRef<Path>) {
    let program = std::env::var_os(PROGRAM).unwrap_or_else(|| "sagsgang".into());
    if let Err(said) = play(Path::new(&program), folder.as_ref()) {
        panic!("{said}");
    }
}

fn play(program: &Path, folder: &Path) -> Result<(), String> {
    let shown = program.display();
    let output = Command::new(program)
        .args(["plugin", "test"])
        .current_dir(folder)
        .output()
        .map_err(|error| {
            format!("{shown} cannot be started ({error}): install Sagsgang, or name its program in the variable {PROGRAM}")
        })?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(format!(
        "{shown} plugin test:\n{}",
        String::from_utf8_lossy(&printed)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_missing_or_says_no_is_told() {
        let here = Path::new(".");
        let said = play(Path::new("no-such-program"), here).unwrap_err();
        assert!(
            said.contains("cannot be started") && said.contains(PROGRAM),
            "{said}"
        );
        assert!(play(Path::new("false"), here).is_err());
        assert_eq!(play(Path::new("true"), here), Ok(()));
    }
}
