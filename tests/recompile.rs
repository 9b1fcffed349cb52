//! Editing the YAML recompiles the crate that declares the model, and nothing else does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MANIFEST: &str = r#"
[package]
name = "recompile"
version = "0.0.0"
edition = "2024"

[dependencies]
efficientnet = { path = ROOT }

# A workspace of its own, whatever lies above.
[workspace]
"#;

const MAIN: &str = r#"
use efficientnet::Model;

#[efficientnet::model(spec = "specs/tiny.yaml", variant = "t0")]
struct T0;

fn main() {
    println!("{:?} {}", T0::INPUT_SHAPE, T0::PARAMETERS);
}
"#;

/// A crate in the target directory that depends on this one.
struct Crate(PathBuf);

impl Crate {
    fn create() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("recompile");
        fs::create_dir_all(folder.join("src")).expect("a folder");
        fs::create_dir_all(folder.join("specs")).expect("a folder");
        let write = |path: &str, text: &str| fs::write(folder.join(path), text).expect(path);
        write(
            "Cargo.toml",
            &MANIFEST.replace("ROOT", &format!("{:?}", root.display().to_string())),
        );
        write("src/main.rs", MAIN);
        // The versions that this test itself was built with, so that nothing has to be fetched.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file");
        Self(folder)
    }

    fn write_spec(&self, text: &str) {
        fs::write(self.0.join("specs/tiny.yaml"), text).expect("the spec");
    }

    fn run(&self) -> Output {
        Command::new(env!("CARGO"))
            .args(["run", "--offline", "--color=never"])
            .arg("--target-dir")
            .arg(self.0.join("target"))
            .current_dir(&self.0)
            .output()
            .expect("cargo runs")
    }
}

/// Standard output of a run that succeeded, and whether anything was compiled for it.
fn success(output: &Output) -> (String, bool) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    (stdout.trim().to_owned(), stderr.contains("Compiling"))
}

#[test]
fn editing_the_spec_recompiles() {
    let spec = include_str!("ui/specs/tiny.yaml");
    let package = Crate::create();

    package.write_spec(spec);
    let (first, compiled) = success(&package.run());
    assert!(compiled);
    assert!(first.starts_with("[32, 32, 3] "), "{first}");

    let wider = spec.replace("resolution: 32", "resolution: 40");
    package.write_spec(&wider.replace("head: { channels: 32 }", "head: { channels: 64 }"));
    let (second, compiled) = success(&package.run());
    assert!(compiled, "an edited spec is compiled again");
    assert!(second.starts_with("[40, 40, 3] "), "{second}");
    let parameters = |line: &str| line.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok());
    // 32 more filters of 24 channels, their batch norm, and 10 classes' weights for each.
    let more = 32 * 24 + 2 * 32 + 10 * 32;
    assert_eq!(
        parameters(&second),
        parameters(&first).map(|few| few + more)
    );

    let (third, compiled) = success(&package.run());
    assert!(!compiled, "nothing changed, nothing to compile");
    assert_eq!(third, second);

    package.write_spec(&wider.replace("stride: 2, channels: 16", "stride: 3, channels: 16"));
    let broken = package.run();
    let stderr = String::from_utf8_lossy(&broken.stderr);
    assert!(!broken.status.success());
    assert!(stderr.contains("specs/tiny.yaml:18:"), "{stderr}");

    package.write_spec(spec);
    assert_eq!(success(&package.run()).0, first);
}
