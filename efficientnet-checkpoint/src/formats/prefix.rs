//! What wrappers around a network put in front of the names of its tensors.

use std::collections::BTreeMap;
use std::mem;

/// `DataParallel` and `DistributedDataParallel`, `torch.compile`, and the attribute that Lightning's
/// modules keep their network in.
const PREFIXES: [&str; 3] = ["module.", "_orig_mod.", "model."];

/// The same tensors without the prefixes that all of their names have.
pub(super) fn strip<T>(mut tensors: BTreeMap<String, T>) -> BTreeMap<String, T> {
    let shared = |tensors: &BTreeMap<String, T>| {
        PREFIXES.iter().copied().find(|prefix| {
            !tensors.is_empty()
                && tensors.keys().all(|name| {
                    name.strip_prefix(prefix)
                        .is_some_and(|rest| !rest.is_empty())
                })
        })
    };
    while let Some(prefix) = shared(&tensors) {
        for (name, tensor) in mem::take(&mut tensors) {
            tensors.insert(name[prefix.len()..].to_owned(), tensor);
        }
    }
    tensors
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    fn stripped(names: &[&str]) -> Vec<String> {
        let tensors: BTreeMap<_, _> = names.iter().map(|name| (name.to_string(), ())).collect();
        super::strip(tensors).into_keys().collect()
    }

    #[test]
    fn prefixes_of_all_names_go() {
        assert_eq!(stripped(&["module.a", "module.b.c"]), ["a", "b.c"]);
        assert_eq!(stripped(&["model._orig_mod.module.a"]), ["a"]);
    }

    #[test]
    fn prefixes_of_some_names_stay() {
        assert_eq!(stripped(&["module.a", "b"]), ["b", "module.a"]);
        assert_eq!(stripped(&["module.", "module.a"]), ["module.", "module.a"]);
        assert_eq!(stripped(&["modules.a"]), ["modules.a"]);
        assert!(stripped(&[]).is_empty());
    }
}
