//! Reading mappings and their values, with a report for everything that is not as it should be.
//!
//! `None` always means that the reason has been reported, so that reading goes on elsewhere.

use std::ops::Range;

use super::values::Scalar;
use crate::diagnostics::{Problem, nearest};
use crate::yaml::{Entry, Kind, Node, Source};

/// The keys of one mapping of the language.
pub(super) struct Keys {
    /// How messages call the mapping.
    pub(super) of: &'static str,
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

/// The entries of a mapping whose keys have been checked.
pub(super) struct Fields<'n> {
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
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
        keys: &Keys,
    ) -> Option<Fields<'n>> {
        let known = [keys.required, keys.optional].concat();
        let Kind::Mapping(entries) = &node.kind else {
            let found = self.excerpt(node);
            let problem = Problem::NoMapping {
                of: keys.of,
                found,
                keys: known,
            };
            return self.report(problem, node.range.clone());
        };
        let fields = Fields { entries };
        let mut meant = Vec::new();
        for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key)) {
            meant.extend(nearest(&entry.key, &known));
            let (key, known) = (entry.key.clone(), known.clone());
            let problem = Problem::UnknownKey {
                key,
                of: keys.of,
                known,
            };
            self.source.report(problem, entry.key_range.clone());
        }
        let missing = |key: &&&str| fields.get(key).is_none() && !meant.contains(key);
        for key in keys.required.iter().filter(missing) {
            self.source
                .report(Problem::MissingKey { key, of: keys.of }, at.clone());
        }
        Some(fields)
    }

    /// The value of a key.
    pub(super) fn value<V: Scalar>(&mut self, fields: &Fields<'_>, key: &str) -> Option<V> {
        self.scalar(fields.get(key)?, key)
    }

    /// The value that a node is, of a key.
    pub(super) fn scalar<V: Scalar>(&mut self, node: &Node, key: &str) -> Option<V> {
        let value = match &node.kind {
            Kind::Scalar(scalar) => serde_yaml::from_value::<V::Plain>(scalar.clone())
                .ok()
                .and_then(|plain| V::try_from(plain).ok()),
            Kind::List(_) | Kind::Mapping(_) => None,
        };
        value.or_else(|| {
            let (of, found) = (format!("value of `{key}`"), self.excerpt(node));
            let problem = Problem::Value {
                of,
                found,
                expected: V::EXPECTED,
            };
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
    pub(super) fn excerpt(&self, node: &Node) -> String {
        let text = self.source.text.get(node.range.clone()).unwrap_or_default();
        text.lines().next().unwrap_or_default().into()
    }
}
