//! Where in a pickle the weights are.

use crate::formats::pickle::{Id, Tree, Value};
use crate::quote::quoted;

use super::tensor::is_tensor;

/// Keys that training scripts put a state dict under, the preferred first: Lightning and timm;
/// PyTorch's tutorials; torchvision's references; common scripts; DeepSpeed; then the moving averages
/// of timm and torchvision, which are taken where nothing else is.
const WRAPPERS: [&str; 10] = [
    "state_dict",
    "model_state_dict",
    "model",
    "net",
    "network",
    "module",
    "weights",
    "state_dict_ema",
    "model_ema",
    "ema",
];

/// Dictionaries around the state dict.
const MAX_DEPTH: usize = 4;

/// Keys listed in messages.
const LISTED: usize = 8;

/// The tensors' names and where they are described.
///
/// The state dict is the first dictionary with tensors of: those under [`WRAPPERS`]; the one at the
/// top; the only other one next to the top. If there is none, the same is looked for in the first
/// dictionary under [`WRAPPERS`].
pub(super) fn find(tree: &Tree) -> Result<Vec<(&str, Id)>, String> {
    let search = Search::new(tree);
    let mut outer = tree.root();
    for _ in 0..MAX_DEPTH {
        if let Some(found) = search.beside(outer)? {
            let items = search.items(found).iter();
            let tensors = items.filter(|&&(_, value)| is_tensor(tree, value));
            return Ok(tensors
                .filter_map(|&(key, value)| Some((tree.text(key)?, value)))
                .collect());
        }
        let Some(inner) = search.wrapped(outer).next() else {
            break;
        };
        outer = inner;
    }
    Err(search.explain())
}

struct Search<'a> {
    tree: &'a Tree,
    /// Which values are dictionaries with tensors. Known for all at once, since dictionaries may be
    /// shared by many.
    state_dicts: Vec<bool>,
}

impl<'a> Search<'a> {
    fn new(tree: &'a Tree) -> Self {
        let holds_tensors = |value: &Value| match value {
            Value::Dict(items) => items
                .iter()
                .any(|&(key, value)| tree.text(key).is_some() && is_tensor(tree, value)),
            _ => false,
        };
        Self {
            tree,
            state_dicts: tree.all().iter().map(holds_tensors).collect(),
        }
    }

    /// The items of a dictionary.
    fn items(&self, id: Id) -> &'a [(Id, Id)] {
        match self.tree.get(id) {
            Value::Dict(items) => items,
            _ => &[],
        }
    }

    /// Dictionaries under the known keys, the preferred first.
    fn wrapped(&self, outer: Id) -> impl Iterator<Item = Id> {
        let items = self.items(outer).iter().rev();
        WRAPPERS.iter().filter_map(move |&wrapper| {
            let mut items = items.clone();
            let &(_, id) = items.find(|&&(key, _)| self.tree.text(key) == Some(wrapper))?;
            matches!(self.tree.get(id), Value::Dict(_)).then_some(id)
        })
    }

    /// The state dict among a dictionary and those right inside of it.
    fn beside(&self, outer: Id) -> Result<Option<Id>, String> {
        if let Some(found) = self.wrapped(outer).find(|&id| self.state_dicts[id]) {
            return Ok(Some(found));
        }
        if self.state_dicts[outer] {
            return Ok(Some(outer));
        }
        let items = self.items(outer).iter();
        let others: Vec<_> = items.filter(|&&(_, id)| self.state_dicts[id]).collect();
        match others[..] {
            [] => Ok(None),
            [&(_, id)] => Ok(Some(id)),
            _ => Err(format!(
                "several state dicts, {}: expected one, or one called `state_dict`",
                self.keys(others.into_iter())
            )),
        }
    }

    /// What there is instead of a state dict.
    fn explain(&self) -> String {
        const REMEDY: &str = "save `model.state_dict()` instead";
        match self.tree.get(self.tree.root()) {
            Value::Dict(items) if items.is_empty() => "an empty dictionary".to_owned(),
            Value::Dict(items) => format!(
                "no tensors by name, neither at the top nor under `{}`; found {}: {REMEDY}",
                WRAPPERS.join("`, `"),
                self.keys(items.iter())
            ),
            _ if is_tensor(self.tree, self.tree.root()) => {
                format!("a single tensor, expected a state dict: {REMEDY}")
            }
            Value::Object(object) => match self.tree.global(object.global) {
                Some(class) => format!(
                    "an object of {}, expected a state dict: {REMEDY}",
                    quoted(class)
                ),
                None => format!("an object, expected a state dict: {REMEDY}"),
            },
            _ => format!("no dictionary of tensors by name: {REMEDY}"),
        }
    }

    /// Keys of items, and the classes of objects among their values.
    fn keys<'b>(&self, items: impl ExactSizeIterator<Item = &'b (Id, Id)>) -> String {
        let more = items.len().saturating_sub(LISTED);
        let mut keys: Vec<_> = items.take(LISTED).map(|&item| self.key(item)).collect();
        if more > 0 {
            keys.push(format!("{more} more"));
        }
        keys.join(", ")
    }

    fn key(&self, (key, value): (Id, Id)) -> String {
        let key = match self.tree.get(key) {
            Value::Text(text) => quoted(text),
            Value::Int(int) => int.to_string(),
            _ => "a key that is no text".to_owned(),
        };
        let class = match self.tree.get(value) {
            Value::Object(object) => self.tree.global(object.global),
            _ => None,
        };
        match class {
            Some(class) => format!("{key} (an object of {})", quoted(class)),
            None => key,
        }
    }
}
