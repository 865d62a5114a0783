//! Field tables, and the macros [`spec!`](crate::spec) and [`choice!`](crate::choice) that generate them and the types.

use super::quantity::{Kind, Range, example};

/// The shape of a value as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Anything.
    Any,
    /// A quantity of the field's kind, known or uncertain.
    Quantity,
    /// An interest rate, optionally over SOFR.
    Rate,
    /// A month or a day.
    Date,
    /// A known time.
    Duration,
    /// Text.
    Text,
    /// A name.
    Name,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Count,
    /// A plain number.
    Number,
    /// One of these words, each with its meaning.
    Choice(&'static [(&'static str, &'static str)]),
    /// A map of these fields.
    Map(&'static [Field]),
    /// A list.
    List(&'static Shape),
    /// A list of words, or a single word.
    Words,
    /// A list of one-key maps, or a map: names and their values.
    Named(&'static Shape),
    /// A quantity of this kind, or a map of these fields.
    QuantityOr(Kind, &'static [Field]),
    /// Money, or months of gross cost.
    MoneyOrTime,
    /// Money per time, or a share of something that the field names.
    MoneyRateOrShare,
    /// A map with one of these keys, and below it the keys of that entry.
    OneOf(&'static [Entry]),
    /// The section `inputs:`.
    Inputs,
    /// The section `checks:`.
    Checks,
    /// The section `variants:`, whose `add` has this shape.
    Variants(&'static Shape),
    /// A copula.
    Copula,
    /// Two names and their correlation.
    Pair,
}

/// A key of a one-key map, such as a kind of instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// The keys below it.
    pub fields: &'static [Field],
    /// Whether it may be written; the others arise from the terms of those that may.
    pub written: bool,
}

/// Whether `word` is one of `words`; usable in constants.
pub const fn among(word: &str, words: &[&str]) -> bool {
    let word = word.as_bytes();
    let mut at = 0;
    while at < words.len() {
        let other = words[at].as_bytes();
        let mut same = 0;
        while same < word.len() && same < other.len() && word[same] == other[same] {
            same += 1;
        }
        if same == word.len() && same == other.len() {
            return true;
        }
        at += 1;
    }
    false
}

/// A key of a map: everything that the reader, the schema and `explain` need to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// Its doc comment.
    pub doc: &'static str,
    /// Its kind, for quantities.
    pub kind: Option<Kind>,
    /// The values that it accepts, in canonical units.
    pub range: Option<Range>,
    /// The value when it is left out, in YAML.
    pub default: Option<&'static str>,
    /// Whether it must be given.
    pub required: bool,
    /// The shape of its value.
    pub shape: Shape,
}

impl Field {
    /// The first line of its doc.
    pub fn summary(&self) -> &'static str {
        self.doc.trim().lines().next().unwrap_or("").trim().trim_end_matches('.')
    }
    /// An example of its value.
    pub fn example(&self) -> Option<&'static str> {
        Some(match self.shape {
            Shape::Quantity => example(self.kind?),
            Shape::Rate => "sofr + 225 bp",
            Shape::Date => "2026-06",
            Shape::Duration => "18 mo",
            Shape::Name => "a_name",
            Shape::Bool => "true",
            Shape::Count => "12",
            Shape::Number => "2.5",
            Shape::Choice(words) => words.first()?.0,
            Shape::QuantityOr(kind, _) => example(kind),
            Shape::MoneyOrTime => "3 mo",
            Shape::MoneyRateOrShare => "75%",
            Shape::Words => "[first, second]",
            Shape::Copula => "gaussian",
            Shape::Pair => "[growth_now, training_growth, 0.5]",
            Shape::Any
            | Shape::Text
            | Shape::Map(_)
            | Shape::List(_)
            | Shape::Named(_)
            | Shape::OneOf(_)
            | Shape::Inputs
            | Shape::Checks
            | Shape::Variants(_) => return None,
        })
    }
}

/// A map of a scenario as a struct: `name: Type [Kind range] = "default"`. See the module `language`.
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! spec {
    ($( $(#[doc = $about:literal])* $vis:vis struct $name:ident {
        $( $(#[doc = $doc:literal])* $fvis:vis $field:ident : $ty:ty $(as $key:literal)? $([ $($kind:tt)+ ])? $(= $default:literal)? ),* $(,)?
    } )+) => { $(
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        $vis struct $name { $( $(#[doc = $doc])* $fvis $field: $ty, )* }

        impl $name {
            /// What this map is.
            #[allow(dead_code)]
            pub const ABOUT: &'static str = concat!($($about, "\n",)* "");
            /// Its keys.
            #[allow(dead_code)]
            pub const FIELDS: &'static [$crate::language::spec::Field] = &[ $( $crate::spec_field!(
                [$($doc)*] $field, $ty, [$($key)?] [$($($kind)+)?] [$($default)?]
            ), )* ];
        }

        impl $crate::language::reader::Read for $name {
            const SHAPE: $crate::language::spec::Shape = $crate::language::spec::Shape::Map($name::FIELDS);
            fn read(
                node: &mut $crate::language::tree::Node,
                _kind: Option<$crate::language::quantity::Kind>,
                r: &mut $crate::language::reader::Reader,
            ) -> Option<Self> {
                r.open_spec(node, Self::FIELDS)?;
                $( let $field: Option<$ty> = {
                    const FIELD: $crate::language::spec::Field =
                        $crate::spec_field!([$($doc)*] $field, $ty, [$($key)?] [$($($kind)+)?] [$($default)?]);
                    r.field(node, &FIELD)
                }; )*
                Some(Self { $( $field: $field?, )* })
            }
        }
    )+ };
}

/// One entry of a field table; used by [`spec!`](crate::spec).
#[doc(hidden)]
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! spec_field {
    ([$($doc:literal)*] $field:ident, $ty:ty, [$($key:literal)?] [$($kind:tt)*] [$($default:literal)?]) => {
        $crate::language::spec::Field {
            name: $crate::spec_field!(@name $field $($key)?),
            doc: concat!($($doc, "\n",)* ""),
            kind: $crate::spec_field!(@kind $($kind)*),
            range: $crate::spec_field!(@range $($kind)*),
            default: $crate::spec_field!(@default $($default)?),
            required: $crate::spec_field!(@default $($default)?).is_none() && !<$ty as $crate::language::reader::Read>::OPTIONAL,
            shape: <$ty as $crate::language::reader::Read>::SHAPE,
        }
    };
    (@name $field:ident $key:literal) => { $key };
    (@name $field:ident) => { stringify!($field) };
    (@default) => { None::<&'static str> };
    (@default $default:literal) => { Some($default) };
    (@kind) => { None };
    (@kind $kind:ident $($range:tt)*) => { Some($crate::language::quantity::Kind::$kind) };
    (@range) => { None };
    (@range $kind:ident) => { None };
    (@range $kind:ident any) => { Some($crate::language::quantity::Range::ANY) };
    (@range $kind:ident positive) => { Some($crate::language::quantity::Range::POSITIVE) };
    (@range $kind:ident $min:literal .. $max:literal) => { Some($crate::language::quantity::Range { min: $min, max: $max }) };
    (@range $kind:ident >= $min:literal) => { Some($crate::language::quantity::Range { min: $min, max: f64::INFINITY }) };
    (@range $kind:ident <= $max:literal) => { Some($crate::language::quantity::Range { min: f64::NEG_INFINITY, max: $max }) };
}

/// A word from a closed list as an enum: `Variant = "word"`. See the module `language`.
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! choice {
    ($( $(#[doc = $about:literal])* $vis:vis enum $name:ident {
        $( $(#[doc = $doc:literal])* $variant:ident = $word:literal ),* $(,)?
    } )+) => { $(
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $( $(#[doc = $doc])* $variant, )* }

        impl $name {
            /// The words and what they mean.
            #[allow(dead_code)]
            pub const WORDS: &'static [(&'static str, &'static str)] = &[ $( ($word, concat!($($doc, "\n",)* "")), )* ];
            /// The word.
            #[allow(dead_code)]
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }
        }

        impl $crate::language::reader::Read for $name {
            const SHAPE: $crate::language::spec::Shape = $crate::language::spec::Shape::Choice($name::WORDS);
            fn read(
                node: &mut $crate::language::tree::Node,
                _kind: Option<$crate::language::quantity::Kind>,
                r: &mut $crate::language::reader::Reader,
            ) -> Option<Self> {
                match $crate::language::values::choose(node, Self::WORDS, r)? {
                    $( $word => Some($name::$variant), )*
                    _ => None,
                }
            }
        }
    )+ };
}
