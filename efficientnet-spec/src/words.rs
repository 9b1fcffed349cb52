//! Enumerations whose values are words of the spec language.

/// Declares an enumeration with its words: how it prints, and what a spec may say for it.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that specs use.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        /// The word that specs use.
        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.word())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::spec::ValueError;

            fn try_from(word: String) -> Result<Self, Self::Error> {
                let named = |value: &&Self| value.word() == word;
                let found = Self::ALL.iter().find(named).copied();
                found.ok_or($crate::spec::ValueError(<Self as $crate::spec::Scalar>::EXPECTED))
            }
        }

        impl $crate::spec::Scalar for $name {
            type Plain = String;
            const EXPECTED: $crate::diagnostics::Expected =
                $crate::diagnostics::Expected::OneOf(&[$($word),*]);
        }
    };
}
pub(crate) use words;
