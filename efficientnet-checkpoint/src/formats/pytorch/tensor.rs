//! Tensors of a pickle: strided views of storages (`torch/_utils.py`).

use crate::dtype::{Dtype, Element};
use crate::entry::Entry;
use crate::formats::pickle::{Id, Tree, Value};
use crate::quote::quoted;
use crate::source::Source;

/// Classes of storages (`torch/__init__.py`), bytes of an element, and its type where it is one that
/// is read.
const STORAGES: [(&str, u64, Option<Element>); 15] = [
    ("torch.FloatStorage", 4, Some(Element::F32)),
    ("torch.HalfStorage", 2, Some(Element::F16)),
    ("torch.BFloat16Storage", 2, Some(Element::BF16)),
    ("torch.DoubleStorage", 8, Some(Element::F64)),
    ("torch.LongStorage", 8, Some(Element::I64)),
    ("torch.IntStorage", 4, Some(Element::I32)),
    ("torch.ShortStorage", 2, Some(Element::I16)),
    ("torch.CharStorage", 1, Some(Element::I8)),
    ("torch.ByteStorage", 1, Some(Element::U8)),
    ("torch.BoolStorage", 1, Some(Element::Bool)),
    ("torch.ComplexFloatStorage", 8, None),
    ("torch.ComplexDoubleStorage", 16, None),
    ("torch.QInt8Storage", 1, None),
    ("torch.QUInt8Storage", 1, None),
    ("torch.QInt32Storage", 4, None),
];

/// What makes a tensor of a storage.
const REBUILD: [&str; 2] = [
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor",
];

/// What makes a parameter of a tensor, its first argument.
const REBUILD_PARAMETER: [&str; 2] = [
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
];

/// Most parameters around a tensor; more than one is written by no one.
const MAX_PARAMETERS: usize = 4;

/// Most dimensions of a tensor, as in PyTorch.
const MAX_RANK: usize = 64;

/// Whether a value describes a tensor, of whatever kind.
pub(super) fn is_tensor(tree: &Tree, id: Id) -> bool {
    match tree.get(id) {
        Value::Object(object) => tree
            .global(object.global)
            .is_some_and(|name| name.starts_with("torch.") && name.contains("._rebuild_")),
        _ => false,
    }
}

/// A storage, as a pickle names it.
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    class: &'a str,
    element_bytes: u64,
    element: Option<Element>,
    /// Number of elements.
    pub(super) length: u64,
}

impl<'a> Storage<'a> {
    /// From `("storage", class, key, device, number of elements)`; a legacy file has a sixth item.
    pub(super) fn parse(tree: &'a Tree, id: Id) -> Result<Self, String> {
        let unknown = || "its storage is not described as torch.save does".to_owned();
        let items = tree.tuple(id).ok_or_else(unknown)?;
        let (kind, class, key, length, view) = match *items {
            [kind, class, key, _, length] => (kind, class, key, length, None),
            [kind, class, key, _, length, view] => (kind, class, key, length, Some(view)),
            _ => return Err(unknown()),
        };
        if tree.text(kind) != Some("storage") {
            return Err(unknown());
        }
        if view.is_some_and(|view| *tree.get(view) != Value::None) {
            return Err("its storage is a view of another one".to_owned());
        }
        let class = tree.global(class).ok_or_else(unknown)?;
        let &(class, element_bytes, element) = STORAGES
            .iter()
            .find(|(name, ..)| *name == class)
            .ok_or_else(|| format!("values in a {}, which is not read", quoted(class)))?;
        Ok(Self {
            key: tree.text(key).ok_or_else(unknown)?,
            class,
            element_bytes,
            element,
            length: tree.int(length).ok_or_else(unknown)?,
        })
    }

    /// Its size, unless it overflows.
    pub(super) fn bytes(&self) -> Option<u64> {
        self.length.checked_mul(self.element_bytes)
    }
}

/// A tensor: some elements of a storage.
pub(super) struct View<'a> {
    pub(super) storage: Storage<'a>,
    /// Elements in front of the first one.
    offset: u64,
    shape: Vec<usize>,
    /// Elements between neighbours.
    strides: Vec<usize>,
}

impl<'a> View<'a> {
    pub(super) fn parse(tree: &'a Tree, mut id: Id) -> Result<Self, String> {
        for _ in 0..=MAX_PARAMETERS {
            let Value::Object(object) = tree.get(id) else {
                return Err("a parameter that is no tensor".to_owned());
            };
            let function = tree.global(object.global).unwrap_or_default();
            let arguments = tree.tuple(object.arguments).unwrap_or_default();
            match arguments {
                [tensor, ..] if REBUILD_PARAMETER.contains(&function) => id = *tensor,
                _ if REBUILD.contains(&function) => return Self::of(tree, arguments),
                _ => return Err(format!("made by {}, which is not read", quoted(function))),
            }
        }
        Err(format!(
            "a parameter of a parameter, more than {MAX_PARAMETERS} times"
        ))
    }

    /// From `(storage, offset, shape, strides, ..)`; version 2 has `(requires_grad, hooks)` behind, and
    /// then what is not visible in the storage: whether it is to be conjugated or negated.
    fn of(tree: &'a Tree, arguments: &[Id]) -> Result<Self, String> {
        let unknown = || "not described as torch.save does".to_owned();
        let [storage, offset, shape, strides, rest @ ..] = arguments else {
            return Err(unknown());
        };
        let Value::Persistent(storage) = *tree.get(*storage) else {
            return Err("its values are not in a storage: save it with torch.save".to_owned());
        };
        if rest
            .get(2)
            .is_some_and(|&metadata| *tree.get(metadata) != Value::None)
        {
            return Err("a conjugate or negative view: save a copy of it".to_owned());
        }
        let view = Self {
            storage: Storage::parse(tree, storage)?,
            offset: tree.int(*offset).ok_or_else(unknown)?,
            shape: lengths(tree, *shape).ok_or_else(unknown)?,
            strides: lengths(tree, *strides).ok_or_else(unknown)?,
        };
        if view.shape.len() != view.strides.len() || view.shape.len() > MAX_RANK {
            return Err(unknown());
        }
        Ok(view)
    }

    /// Where the values lie, in the bytes of the storage.
    pub(super) fn entry(self, data: &Source) -> Result<Entry, String> {
        let Self {
            storage,
            offset,
            shape,
            strides,
        } = self;
        let Some(element) = storage.element else {
            return Err(format!(
                "values in a `{}`, which is not read",
                storage.class
            ));
        };
        let span = span(&shape, &strides);
        let reach = span.and_then(|span| offset.checked_add(span));
        let count = shape
            .iter()
            .try_fold(1u64, |count, &n| count.checked_mul(n as u64));
        if reach.is_none_or(|reach| reach > storage.length) {
            return Err(format!(
                "shape {shape:?} with strides {strides:?} at {offset} reaches beyond its storage of {} \
                 elements",
                storage.length
            ));
        }
        // Elements that are shared would let a small file fill the memory.
        if count.is_none_or(|count| count > storage.length) {
            return Err(format!(
                "shape {shape:?} repeats the {} elements of its storage: save a contiguous copy",
                storage.length
            ));
        }
        let bytes = |elements: u64| elements * storage.element_bytes;
        let data = data
            .slice(bytes(offset)..bytes(offset + span.unwrap_or(0)))
            .ok_or("its storage is too short")?;
        let mut entry = Entry::contiguous(Dtype::from(element), shape, data);
        if !is_c_order(&entry.shape, &strides) {
            entry.strides = Some(strides);
        }
        Ok(entry)
    }
}

/// A tuple of lengths; `torch.Size` holds one.
fn lengths(tree: &Tree, mut id: Id) -> Option<Vec<usize>> {
    if let Value::Object(object) = tree.get(id)
        && tree.global(object.global) == Some("torch.Size")
    {
        let &[sizes] = tree.tuple(object.arguments)? else {
            return None;
        };
        id = sizes;
    }
    let lengths = tree.tuple(id)?;
    if lengths.len() > MAX_RANK {
        return None;
    }
    lengths.iter().map(|&length| tree.int(length)).collect()
}

/// Elements from the first to behind the last one.
fn span(shape: &[usize], strides: &[usize]) -> Option<u64> {
    if shape.contains(&0) {
        return Some(0);
    }
    let steps = shape.iter().zip(strides);
    steps
        .into_iter()
        .try_fold(1u64, |span, (&length, &stride)| {
            let steps = (length as u64 - 1).checked_mul(stride as u64)?;
            span.checked_add(steps)
        })
}

/// Whether elements follow each other in C order, without gaps. The stride of a single element does
/// not matter.
fn is_c_order(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1;
    let mut dimensions = shape.iter().zip(strides).rev();
    shape.contains(&0)
        || dimensions.all(|(&length, &stride)| {
            let fits = length == 1 || stride == expected;
            expected *= length;
            fits
        })
}
