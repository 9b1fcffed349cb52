//! Python's pickles, as data: the opcodes that `torch.save` writes (protocols 2 to 5), on a stack
//! machine that only builds a tree (`pickletools.py` describes them).
//!
//! Nothing a pickle names is ever looked up or called: classes and functions are names, what would be
//! a call is an [`Object`] that holds name and arguments. A file that names a function which acts on
//! the system is refused nevertheless, since it is no file of weights.

mod global;
mod input;
mod machine;
mod opcode;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

use super::Refusal;
use crate::format::Format;

pub(super) use input::Input;
pub(super) use machine::load;

/// Values of a pickle refer to each other by their position, so that shared ones are kept once, cycles
/// do no harm, and no depth of nesting reaches the stack of this program.
pub(super) type Id = usize;

/// One value.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    None,
    Bool(bool),
    /// As many bits as the magic number of a legacy PyTorch file needs.
    Int(i128),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    /// Plain and ordered dictionaries, in order; a later item wins.
    Dict(Vec<(Id, Id)>),
    /// A class or a function: `module.name`.
    Global(String),
    /// What a global makes of arguments.
    Object(Object),
    /// What lies outside the pickle, described by a value.
    Persistent(Id),
    /// Floats, bytes, sets: nothing that tensors are described with.
    Opaque,
}

/// A call or an instance that is described, but never made.
#[derive(Debug, PartialEq)]
pub(super) struct Object {
    pub(super) global: Id,
    pub(super) arguments: Id,
}

/// All values of a pickle.
#[derive(Debug)]
pub(super) struct Tree {
    values: Vec<Value>,
    root: Id,
}

impl Tree {
    pub(super) fn root(&self) -> Id {
        self.root
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        &self.values[id]
    }

    pub(super) fn all(&self) -> &[Value] {
        &self.values
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn global(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Global(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn int<T: TryFrom<i128>>(&self, id: Id) -> Option<T> {
        match self.get(id) {
            Value::Int(int) => T::try_from(*int).ok(),
            _ => None,
        }
    }
}

/// Only PyTorch's files hold pickles.
fn corrupt(reason: String) -> Refusal {
    Refusal::Corrupt(Format::PyTorch, reason)
}
