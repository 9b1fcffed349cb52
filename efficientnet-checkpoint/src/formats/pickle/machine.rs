//! The stack machine.

use std::collections::HashMap;

use super::input::Input;
use super::opcode::*;
use super::{Id, Object, Tree, Value, corrupt, global};
use crate::formats::Refusal;
use crate::quote::quoted;

/// Bytes of a class's name, which is copied.
const MAX_NAME: usize = 1 << 10;

/// Reads one pickle.
pub(in crate::formats) fn load(input: &mut Input) -> Result<Tree, Refusal> {
    let mut machine = Machine {
        input,
        values: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        match machine.input.opcode()? {
            STOP => {
                let root = machine.pop()?;
                let values = machine.values;
                return Ok(Tree { values, root });
            }
            opcode => machine.step(opcode)?,
        }
    }
}

struct Machine<'a> {
    input: &'a mut Input,
    values: Vec<Value>,
    stack: Vec<Id>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl Machine<'_> {
    fn step(&mut self, opcode: u8) -> Result<(), Refusal> {
        match opcode {
            PROTO => self.input.skip(1),
            FRAME => self.input.skip(8),
            MARK => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            POP if self.marks.last() == Some(&self.stack.len()) => self.pop_mark().map(drop),
            POP => self.pop().map(drop),
            POP_MARK => self.pop_mark().map(drop),
            DUP => self.top().map(|id| self.stack.push(id)),
            NONE | NEWTRUE | NEWFALSE | BINFLOAT => self.constant(opcode),
            BININT | BININT1 | BININT2 | LONG1 | LONG4 => self.integer(opcode),
            BINUNICODE | SHORT_BINUNICODE | BINUNICODE8 => self.text(opcode),
            BINBYTES | SHORT_BINBYTES | BINBYTES8 | BYTEARRAY8 => self.bytes(opcode),
            EMPTY_TUPLE | TUPLE1 | TUPLE2 | TUPLE3 | TUPLE => self.tuple(opcode),
            EMPTY_LIST | EMPTY_DICT | EMPTY_SET | FROZENSET => self.collection(opcode),
            APPEND | APPENDS | SETITEM | SETITEMS | ADDITEMS => self.extend(opcode),
            BINPUT | LONG_BINPUT | MEMOIZE => self.put(opcode),
            BINGET | LONG_BINGET => self.get(opcode),
            GLOBAL | STACK_GLOBAL => self.global(opcode),
            REDUCE | NEWOBJ | NEWOBJ_EX => self.object(opcode),
            // What it sets, such as an ordered dictionary's attributes, does not describe tensors.
            BUILD => self.pop().map(drop),
            BINPERSID => {
                let id = self.pop()?;
                self.push(Value::Persistent(id))
            }
            // Harmful pickles have it: they are refused by name.
            INST => self.global(GLOBAL).and_then(|()| self.unknown(opcode)),
            _ => self.unknown(opcode),
        }
    }

    fn unknown(&self, opcode: u8) -> Result<(), Refusal> {
        Err(self.corrupt(&format!(
            "opcode 0x{opcode:02x}, which torch.save does not write"
        )))
    }

    fn constant(&mut self, opcode: u8) -> Result<(), Refusal> {
        let value = match opcode {
            NONE => Value::None,
            BINFLOAT => {
                self.input.skip(8)?;
                Value::Opaque
            }
            _ => Value::Bool(opcode == NEWTRUE),
        };
        self.push(value)
    }

    fn integer(&mut self, opcode: u8) -> Result<(), Refusal> {
        let length = match opcode {
            BININT => return self.int(i32::from_le_bytes),
            BININT1 => return self.int(u8::from_le_bytes),
            BININT2 => return self.int(u16::from_le_bytes),
            LONG1 => u32::from(self.input.byte()?),
            _ => self.input.u32()?,
        };
        let mut bytes = [0; size_of::<i128>()];
        if length as usize > bytes.len() {
            self.input.skip(length.into())?;
            return self.push(Value::Opaque);
        }
        for byte in &mut bytes[..length as usize] {
            *byte = self.input.byte()?;
        }
        // Two's complement of `length` bytes.
        let unused = 8 * (bytes.len() as u32 - length);
        let value = i128::from_le_bytes(bytes)
            .checked_shl(unused)
            .map_or(0, |value| value >> unused);
        self.push(Value::Int(value))
    }

    fn int<const N: usize, T: Into<i128>>(&mut self, of: fn([u8; N]) -> T) -> Result<(), Refusal> {
        let value = of(self.input.array()?).into();
        self.push(Value::Int(value))
    }

    fn text(&mut self, opcode: u8) -> Result<(), Refusal> {
        let length = match opcode {
            SHORT_BINUNICODE => self.input.byte()?.into(),
            BINUNICODE => self.input.u32()?.into(),
            _ => self.input.u64()?,
        };
        let text = self.input.text(length)?;
        self.push(Value::Text(text))
    }

    fn bytes(&mut self, opcode: u8) -> Result<(), Refusal> {
        let length = match opcode {
            SHORT_BINBYTES => self.input.byte()?.into(),
            BINBYTES => self.input.u32()?.into(),
            _ => self.input.u64()?,
        };
        self.input.skip(length)?;
        self.push(Value::Opaque)
    }

    fn tuple(&mut self, opcode: u8) -> Result<(), Refusal> {
        let length = match opcode {
            EMPTY_TUPLE => 0,
            TUPLE1 => 1,
            TUPLE2 => 2,
            TUPLE3 => 3,
            _ => {
                let items = self.pop_mark()?;
                return self.push(Value::Tuple(items));
            }
        };
        let mut items = vec![0; length];
        for item in items.iter_mut().rev() {
            *item = self.pop()?;
        }
        self.push(Value::Tuple(items))
    }

    fn collection(&mut self, opcode: u8) -> Result<(), Refusal> {
        let value = match opcode {
            EMPTY_LIST => Value::List(Vec::new()),
            EMPTY_DICT => Value::Dict(Vec::new()),
            EMPTY_SET => Value::Opaque,
            _ => {
                self.pop_mark()?;
                Value::Opaque
            }
        };
        self.push(value)
    }

    /// Adds to the collection under the items.
    fn extend(&mut self, opcode: u8) -> Result<(), Refusal> {
        let items = match opcode {
            APPEND => vec![self.pop()?],
            SETITEM => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.pop_mark()?,
        };
        let collection = self.top()?;
        match &mut self.values[collection] {
            Value::List(list) => list.extend(items),
            Value::Dict(dict) => {
                let (pairs, []) = items.as_chunks() else {
                    return Err(self.corrupt("a key without a value"));
                };
                dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
            }
            // Objects may be collections, too.
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, opcode: u8) -> Result<(), Refusal> {
        let place = match opcode {
            BINPUT => self.input.byte()?.into(),
            LONG_BINPUT => self.input.u32()?,
            _ => self.memo.len() as u32,
        };
        let id = self.top()?;
        self.memo.insert(place, id);
        Ok(())
    }

    fn get(&mut self, opcode: u8) -> Result<(), Refusal> {
        let place = match opcode {
            BINGET => self.input.byte()?.into(),
            _ => self.input.u32()?,
        };
        let Some(&id) = self.memo.get(&place) else {
            return Err(self.corrupt(&format!("no value at place {place} of its memo")));
        };
        self.stack.push(id);
        Ok(())
    }

    fn global(&mut self, opcode: u8) -> Result<(), Refusal> {
        let (module, name) = if opcode == GLOBAL {
            (self.input.line()?, self.input.line()?)
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            match (&self.values[module], &self.values[name]) {
                (Value::Text(module), Value::Text(name))
                    if module.len() + name.len() <= MAX_NAME =>
                {
                    (module.clone(), name.clone())
                }
                _ => return Err(self.corrupt("a class without a name of reasonable length")),
            }
        };
        if global::acts(&module, &name) {
            return Err(corrupt(format!(
                "its pickle names {}, which no file of weights needs and a harmful one would run; \
                 nothing was run",
                quoted(&format!("{module}.{name}"))
            )));
        }
        // A few bytes of opcodes repeat a name that is in the file once.
        self.input.spend_text((module.len() + name.len()) as u64)?;
        self.push(Value::Global(format!("{module}.{name}")))
    }

    fn object(&mut self, opcode: u8) -> Result<(), Refusal> {
        if opcode == NEWOBJ_EX {
            // Arguments by name.
            self.pop()?;
        }
        let (arguments, global) = (self.pop()?, self.pop()?);
        let value = match &self.values[global] {
            Value::Global(name) if name == "collections.OrderedDict" => Value::Dict(Vec::new()),
            _ => Value::Object(Object { global, arguments }),
        };
        self.push(value)
    }

    fn push(&mut self, value: Value) -> Result<(), Refusal> {
        self.stack.push(self.values.len());
        self.values.push(value);
        Ok(())
    }

    fn top(&self) -> Result<Id, Refusal> {
        let bottom = self.marks.last().copied().unwrap_or(0);
        match self.stack.last() {
            Some(&id) if self.stack.len() > bottom => Ok(id),
            _ => Err(self.corrupt("nothing on its stack")),
        }
    }

    fn pop(&mut self) -> Result<Id, Refusal> {
        let id = self.top()?;
        self.stack.pop();
        Ok(id)
    }

    /// All above the last mark.
    fn pop_mark(&mut self) -> Result<Vec<Id>, Refusal> {
        match self.marks.pop() {
            Some(height) => Ok(self.stack.split_off(height)),
            None => Err(self.corrupt("no mark on its stack")),
        }
    }

    fn corrupt(&self, reason: &str) -> Refusal {
        let position = self.input.position();
        corrupt(format!("broken pickle, byte {position}: {reason}"))
    }
}
