//! Reading mappings and their values, with a report for everything that is not as it should be.
//!
//! `None` always means that the reason has been reported, so that reading goes on elsewhere.

use std::ops::Range;

use super::keys::{self, Key, Keys};
use super::values::Scalar;
use crate::diagnostics::{Fault, Meaning, Problem, familiar_key, nearest, wrong_value};
use crate::yaml::{Entry, Kind, Node, Source};

/// The entries of a mapping whose keys have been checked.
pub(super) struct Fields<'n> {
    entries: &'n [Entry],
    keys: &'static Keys,
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// What the table says about a key.
    pub(super) fn meaning<'k>(&self, key: &'k str) -> Meaning<'k> {
        let of_table = self.keys.get(key);
        Meaning {
            key,
            doc: of_table.map_or("", |key| key.doc),
            example: of_table.map_or("...", Key::example),
        }
    }
}

pub(super) struct Reader<'s, 't> {
    pub(super) source: &'s mut Source<'t>,
}

impl Reader<'_, '_> {
    pub(super) fn report<T>(&mut self, problem: Problem, at: Range<usize>) -> Option<T> {
        self.source.report(problem, at);
        None
    }

    /// The fields of a mapping. Unknown keys are reported, and missing ones at `at`, except those
    /// that an unknown key was most likely meant to be.
    pub(super) fn fields<'n>(
        &mut self,
        node: &'n Node,
        at: Range<usize>,
        keys: &'static Keys,
    ) -> Option<Fields<'n>> {
        let known = keys.names();
        let Kind::Mapping(entries) = &node.kind else {
            let problem = Problem::new(Fault::NoMapping).found(self.excerpt(node));
            let problem = problem.with("of", keys.of).with("keys", known.join(", "));
            return self.report(problem, node.range.clone());
        };
        let fields = Fields { entries, keys };
        let mut meant = Vec::new();
        for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key)) {
            let (problem, ours) = unknown_key(&entry.key, keys);
            meant.extend(ours);
            self.source.report(problem, entry.key_range.clone());
        }
        let missing = |key: &&str| fields.get(key).is_none() && !meant.contains(key);
        for key in keys.required().filter(missing) {
            let problem = Problem::new(Fault::MissingKey)
                .with("key", key)
                .with("of", keys.of)
                .with("example", fields.meaning(key).example);
            self.source.report(problem, at.clone());
        }
        Some(fields)
    }

    /// The value of a key.
    pub(super) fn value<V: Scalar>(&mut self, fields: &Fields<'_>, key: &str) -> Option<V> {
        self.scalar(fields.get(key)?, fields.meaning(key))
    }

    /// The value that a node is, of a key and what it means.
    pub(super) fn scalar<V: Scalar>(&mut self, node: &Node, key: Meaning<'_>) -> Option<V> {
        let scalar = match &node.kind {
            Kind::Scalar(scalar) => Some(scalar),
            Kind::List(_) | Kind::Mapping(_) => None,
        };
        let plain = scalar.and_then(|scalar| {
            let plain = serde_yaml::from_value::<V::Plain>(scalar.clone());
            plain.ok().and_then(|plain| V::try_from(plain).ok())
        });
        plain.or_else(|| {
            let problem = wrong_value(key, scalar, self.excerpt(node), V::EXPECTED);
            self.report(problem, node.range.clone())
        })
    }

    /// The value of a key that may be absent and has no other then.
    #[expect(clippy::option_option, reason = "absent is not faulty")]
    pub(super) fn optional<V: Scalar>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
    ) -> Option<Option<V>> {
        match fields.get(key) {
            Some(_) => self.value(fields, key).map(Some),
            None => Some(None),
        }
    }

    /// The value of a key that may be absent.
    pub(super) fn value_or<V: Scalar>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        absent: V,
    ) -> Option<V> {
        match fields.get(key) {
            Some(_) => self.value(fields, key),
            None => Some(absent),
        }
    }

    /// The text of a node as it stands in the spec, up to the end of its first line.
    pub(super) fn excerpt(&self, node: &Node) -> &str {
        let text = self.source.text.get(node.range.clone()).unwrap_or_default();
        text.lines().next().unwrap_or_default()
    }
}

/// What to say about a key that a mapping does not have, and the key that was meant.
fn unknown_key(found: &str, keys: &'static Keys) -> (Problem, Option<&'static str>) {
    let known = keys.names();
    let has = |keys: &Keys| keys.get(found).is_some();
    let elsewhere = keys::ALL.into_iter().find(|keys| has(keys));
    let ours = familiar_key(found, &known);
    let near = nearest(found, &known).and_then(|near| known.iter().find(|key| **key == near));
    let (fault, meant) = match (ours, near) {
        _ if found == "<<" => (Fault::MergeKey, None),
        _ if keys.name == keys::CONVOLUTION.name && has(&keys::BLOCK) => {
            (Fault::KeyOfOtherKind, None)
        }
        (Some(ours), _) => (Fault::ForeignKey, Some(ours)),
        _ if elsewhere.is_some() => (Fault::MisplacedKey, None),
        (None, Some(near)) => (Fault::MisspeltKey, Some(*near)),
        (None, None) => (Fault::UnknownKey, None),
    };
    let problem = Problem::new(fault)
        .found(found)
        .with("key", found)
        .with("of", keys.of)
        .with("keys", known.join(", "))
        .with("other", elsewhere.map_or("", |keys| keys.of))
        .with("meant", meant.unwrap_or_default());
    (problem, meant)
}
