//! The kinds of fault that a spec can have, and the words for each.

/// The words for a kind of fault. `{name}` in them stands for what differs from case to case.
pub(super) struct Words {
    /// What is wrong.
    pub(super) message: &'static str,
    /// What to write under the place.
    pub(super) label: &'static str,
    /// What could stand there.
    pub(super) expected: &'static str,
    /// What to do.
    pub(super) hint: &'static str,
}

/// Declares the kinds with their words.
macro_rules! faults {
    ($(
        $(#[$doc:meta])*
        $fault:ident = $name:literal { $message:literal, $label:literal, $expected:literal, $hint:literal }
    )*) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $($(#[$doc])* $fault,)*
        }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$fault),*];

            /// Its name, which no version of a message changes.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$fault => $name,)*
                }
            }

            pub(super) fn words(self) -> Words {
                let (message, label, expected, hint) = match self {
                    $(Self::$fault => ($message, $label, $expected, $hint),)*
                };
                Words { message, label, expected, hint }
            }
        }
    };
}

// Message, label, what is expected, hint.
faults! {
    /// Text that is no YAML.
    Syntax = "syntax" {
        "this is not YAML",
        "reading stops here",
        "valid YAML",
        "the cause may stand on a line before: a quote, a missing `:`, an indentation"
    }
    /// A tab that YAML does not take.
    Tab = "tab" {
        "a tab where YAML takes spaces",
        "a tab",
        "spaces",
        "YAML indents and separates by spaces; have the editor replace tabs"
    }
    /// A bracket that is not closed, or holds no YAML.
    Bracket = "bracket" {
        "this bracket is not closed, or what follows it is not YAML",
        "opens here",
        "entries separated by commas, then `{closing}`",
        "close it, or write indented lines without brackets"
    }
    /// No document.
    Empty = "empty" {
        "the spec is empty",
        "nothing stands here",
        "a mapping of keys to values",
        "start from the bundled specs/efficientnet.yaml"
    }
    /// A text too long to be a spec.
    TooLong = "too-long" {
        "the spec is too long",
        "too much follows",
        "at most {most} bytes",
        "one file holds one family; is this a spec?"
    }
    /// More than one document.
    SecondDocument = "second-document" {
        "a second document starts here",
        "the first ends before",
        "one document a file",
        "remove the `---`, or split the file"
    }
    /// A reference to an anchor.
    Alias = "alias" {
        "an alias",
        "stands for a value elsewhere",
        "the value itself",
        "write the value out wherever it is used"
    }
    /// A name for a value.
    Anchor = "anchor" {
        "an anchor",
        "its value has a name",
        "a value without `&`",
        "write the value out wherever it is used"
    }
    /// A type for a value.
    Tag = "tag" {
        "a tag",
        "its value has a type",
        "a value without `!`",
        "remove it; the key decides the type"
    }
    /// Too many levels.
    TooDeep = "too-deep" {
        "nested too deep",
        "one level too many",
        "at most {most} levels",
        "a bracket or an indentation too many?"
    }
    /// A key that is a list or a mapping.
    KeyIsNoText = "key-is-no-text" {
        "this key is no text",
        "a list or mapping",
        "the name of a key",
        "a list or mapping stands where a key should"
    }
    /// A key that has stood before.
    DuplicateKey = "duplicate-key" {
        "the same key twice",
        "stands on line {line} already",
        "every key once",
        "remove or rename one of them"
    }
    /// YAML's merge key.
    MergeKey = "merge-key" {
        "unknown key in {of}",
        "merges another mapping",
        "{keys}",
        "write the merged keys out"
    }
    /// A key of no mapping.
    UnknownKey = "unknown-key" {
        "unknown key in {of}",
        "no such key",
        "{keys}",
        "remove it"
    }
    /// A key a few letters off.
    MisspeltKey = "misspelt-key" {
        "unknown key in {of}",
        "no such key",
        "{keys}",
        "did you mean `{meant}`?"
    }
    /// Another framework's name of a key.
    ForeignKey = "foreign-key" {
        "unknown key in {of}",
        "no such key",
        "{keys}",
        "`{key}` is called `{meant}` here"
    }
    /// A key of another mapping.
    MisplacedKey = "misplaced-key" {
        "unknown key in {of}",
        "no key of {of}",
        "{keys}",
        "`{key}` is a key of {other}; check the indentation"
    }
    /// A key of a block of another kind.
    KeyOfOtherKind = "key-of-other-kind" {
        "{of} takes no `{key}`",
        "of other kinds alone",
        "{keys}",
        "remove it, or choose `kind: fused_mbconv`, which expands and projects"
    }
    /// A key that has to be there.
    MissingKey = "missing-key" {
        "{of} lacks `{key}`",
        "`{key}` is missing",
        "the key `{key}`",
        "add `{key}: {example}`"
    }
    /// Something else in a mapping's place.
    NoMapping = "no-mapping" {
        "{of} is no mapping",
        "keys with values belong here",
        "a mapping with {keys}",
        "either indented lines `key: value`, or `{ key: value }`"
    }
    /// No variant.
    NoVariants = "no-variants" {
        "there are no variants",
        "at least one variant belongs here",
        "a mapping with at least one",
        "such as `b0: { width: 1.0, depth: 1.0, resolution: 224, dropout: 0.2 }`"
    }
    /// No block.
    NoBlocks = "no-blocks" {
        "there are no blocks",
        "at least one block belongs here",
        "a list with at least one",
        "one line `- { expand_ratio: 6, ... }` a block"
    }
    /// More blocks than a network may have.
    TooManyBlocks = "too-many-blocks" {
        "too many blocks",
        "starts here",
        "at most {most}",
        "equal sub-blocks are one block with `repeats`"
    }
    /// An empty list of expand ratios.
    NoRatios = "no-ratios" {
        "no ratio for the sub-blocks",
        "an empty list",
        "a number, or a list of at most {repeats}",
        "a single number stands for all sub-blocks; 1 expands nothing"
    }
    /// More expand ratios than sub-blocks.
    TooManyRatios = "too-many-ratios" {
        "more ratios than sub-blocks",
        "the block has `repeats: {repeats}`",
        "at most {repeats}, the last of which also holds for all behind it",
        "raise `repeats`, or leave out the last ratios"
    }
    /// A squeeze and excite that the family does not have.
    NoSqueezeExcite = "no-squeeze-excite" {
        "the block has a squeeze and excite that the spec does not describe",
        "which one?",
        "`false`, or the key `squeeze_excite` of the spec",
        "add to the spec `squeeze_excite: { ratio: 0.25, activation: silu, gate: sigmoid }`, or such"
    }
    /// A key with nothing behind it.
    NoValue = "no-value" {
        "`{key}` has no value",
        "a value is missing",
        "{expected}",
        "such as `{key}: {example}`"
    }
    /// A list or mapping in the place of one value.
    SeveralValues = "several-values" {
        "invalid value of `{key}`",
        "several values in the place of one",
        "{expected}",
        "such as `{key}: {example}`"
    }
    /// A number that is text.
    QuotedNumber = "quoted-number" {
        "invalid value of `{key}`",
        "text, because of the quotes",
        "{expected}",
        "remove the quotes"
    }
    /// Text in a number's place.
    NoNumber = "no-number" {
        "invalid value of `{key}`",
        "no number",
        "{expected}",
        "such as `{key}: {example}`"
    }
    /// A number with a fraction or exponent.
    NotWhole = "not-whole" {
        "invalid value of `{key}`",
        "not a whole number",
        "{expected}",
        "digits alone: no fraction, no exponent"
    }
    /// No finite number.
    NotFinite = "not-finite" {
        "invalid value of `{key}`",
        "no finite number",
        "{expected}",
        "such as `{key}: {example}`"
    }
    /// A size out of its range.
    Size = "size" {
        "invalid value of `{key}`",
        "out of range",
        "{expected}",
        "{doc}"
    }
    /// A kernel that is even or out of its range.
    Kernel = "kernel" {
        "invalid value of `{key}`",
        "has no middle, or is out of range",
        "{expected}",
        "the kernel's middle lies on a pixel, so that it has an odd number of rows"
    }
    /// A stride that frameworks pad differently.
    Stride = "stride" {
        "invalid value of `{key}`",
        "neither 1 nor 2",
        "{expected}",
        "frameworks pad other strides differently; two blocks of stride 2 make 4"
    }
    /// A coefficient out of its range.
    Coefficient = "coefficient" {
        "invalid value of `{key}`",
        "out of range",
        "{expected}",
        "a factor such as 1.2; 1 scales nothing"
    }
    /// A share out of its range.
    Share = "share" {
        "invalid value of `{key}`",
        "no part of a whole",
        "{expected}",
        "a quarter is 0.25"
    }
    /// A floor of rounding out of its range.
    Floor = "floor" {
        "invalid value of `{key}`",
        "no part of a whole",
        "{expected}",
        "such as 0.9, or 0 to round to the nearest multiple"
    }
    /// An expand ratio out of its range.
    ExpandRatio = "expand-ratio" {
        "invalid value of `{key}`",
        "out of range",
        "{expected}",
        "a block does not become narrower inside; 1 expands nothing"
    }
    /// A rate out of its range.
    Rate = "rate" {
        "invalid value of `{key}`",
        "out of range",
        "{expected}",
        "a share such as 0.2, not a percentage; 0 drops nothing"
    }
    /// What cannot be a name.
    Name = "name" {
        "invalid {place}",
        "no name",
        "{expected}",
        "such as `b0`; `true`, `false` and `null` are no names in YAML"
    }
    /// A truth value in other words.
    Switch = "switch" {
        "invalid value of `{key}`",
        "neither true nor false",
        "{expected}",
        "YAML 1.2 reads `yes`, `no`, `on` and `off` as text, and whatever stands in quotes"
    }
    /// A word of none of those expected.
    UnknownWord = "unknown-word" {
        "invalid value of `{key}`",
        "no such word",
        "{expected}",
        "these are all; nothing else is implemented"
    }
    /// A word a few letters off.
    MisspeltWord = "misspelt-word" {
        "invalid value of `{key}`",
        "no such word",
        "{expected}",
        "did you mean `{meant}`?"
    }
    /// Another framework's word.
    ForeignWord = "foreign-word" {
        "invalid value of `{key}`",
        "no such word",
        "{expected}",
        "`{found}` is called `{meant}` here"
    }
    /// A variant whose sizes leave their bounds.
    Scaled = "scaled" {
        "variant `{variant}` cannot be built",
        "too large once scaled",
        "sizes within bounds",
        "choose a smaller width, depth or resolution, or a smaller baseline"
    }
}
