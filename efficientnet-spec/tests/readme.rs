//! The examples of `specs/README.md` are specs.

use efficientnet_spec::{Spec, bundled};

const README: &str = include_str!("../specs/README.md");

/// The texts between fences of YAML.
fn examples() -> impl Iterator<Item = &'static str> {
    let opened = README.split("```yaml\n").skip(1);
    opened.map(|rest| rest.split("```").next().unwrap())
}

/// A bundled spec with the keys of a fragment in place of its own.
fn completed(fragment: &str) -> String {
    let whole: serde_yaml::Mapping =
        serde_yaml::from_str(bundled("efficientnet").unwrap()).unwrap();
    let keys: serde_yaml::Mapping = serde_yaml::from_str(fragment).unwrap();
    let others = whole.iter().filter(|(key, _)| !keys.contains_key(*key));
    let others: serde_yaml::Mapping = others
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    format!("{fragment}\n{}", serde_yaml::to_string(&others).unwrap())
}

#[test]
fn examples_are_specs() {
    let mut count = 0;
    for example in examples() {
        let text = match example.contains("family:") {
            true => example.to_owned(),
            false => completed(example),
        };
        if let Err(errors) = Spec::parse(&text, "README.md") {
            panic!("{errors}\n{text}");
        }
        count += 1;
    }
    assert!(count >= 2, "{count}");
}
