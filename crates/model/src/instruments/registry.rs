//! The registry of instruments: one enum of their terms; the engine sees each as an object
//! ([`InstrumentKind`](crate::engine::objects::InstrumentKind)).

/// Declares the instruments.
macro_rules! instruments {
    ($($(#[doc = $d:literal])* $Name:ident = $key:literal),* $(,)?) => {
        /// The terms of an instrument, as stated in the scenario.
        #[derive(Clone, Debug)]
        pub enum InstrumentSpec { $($(#[doc = $d])* $Name(<$Name as Instrument>::Spec)),* }

        impl InstrumentSpec {
            /// The kinds of instrument, by their keys.
            pub const KINDS: &'static [&'static str] = &[$($key),*];
            /// The key of this kind.
            pub fn kind(&self) -> &'static str { match self { $(Self::$Name(_) => $key),* } }
            /// The kinds with their keys, for the schema and `explain`.
            pub const ENTRIES: &'static [$crate::language::spec::Entry] = &[$($crate::language::spec::Entry {
                key: $key,
                doc: concat!($($d, "\n",)* ""),
                fields: match <<$Name as Instrument>::Spec as $crate::language::reader::Read>::SHAPE {
                    $crate::language::spec::Shape::Map(fields) => fields,
                    _ => &[],
                },
                written: <$Name as Declared>::FACTS.is_instrument(),
            }),*];
            /// Facts about an instrument of kind `kind`; `None` for an unknown kind.
            pub fn facts(kind: &str) -> Option<Facts> {
                match kind { $($key => Some(<$Name as Declared>::FACTS),)* _ => None }
            }
            /// Facts about this kind of instrument.
            pub fn own_facts(&self) -> Facts { match self { $(Self::$Name(_) => <$Name as Declared>::FACTS),* } }
            /// The keys of an instrument of kind `kind`.
            pub fn fields(kind: &str) -> &'static [$crate::language::spec::Field] {
                match kind {
                    $($key => match <<$Name as Instrument>::Spec as $crate::language::reader::Read>::SHAPE {
                        $crate::language::spec::Shape::Map(fields) => fields,
                        _ => &[],
                    },)*
                    _ => &[],
                }
            }
            /// The lines that an instrument of kind `kind` can report, each with its description.
            pub fn reports(kind: &str) -> Vec<($crate::engine::instrument::Line, &'static str)> {
                match kind {
                    $($key => $crate::engine::instrument::described::<$Name>(),)*
                    _ => Vec::new(),
                }
            }
            /// The events that an instrument of kind `kind` may record, as bits.
            pub fn events_of(kind: &str) -> u64 {
                match kind { $($key => $Name::EVENTS,)* _ => 0 }
            }
            /// Whether returns of the providers of an instrument of kind `kind` are reported.
            pub fn tells_returns(kind: &str) -> bool {
                match kind { $($key => $Name::RETURNS,)* _ => false }
            }
            /// Reads the terms of an instrument of kind `kind`.
            pub fn read(kind: &str, node: &mut $crate::language::tree::Node, reader: &mut $crate::language::reader::Reader) -> Option<Self> {
                match kind {
                    $($key => <<$Name as Instrument>::Spec as $crate::language::reader::Read>::read(node, None, reader).map(Self::$Name),)*
                    _ => None,
                }
            }
            /// The name given in the scenario, for instruments.
            pub fn name(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::name(s)),* } }
            /// Supplier of compute, for concentration; `None` if it supplies none.
            pub fn supplier(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::supplies(s)),* } }
            /// Reports errors that `Reader` does not detect.
            pub fn check(&self, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => <$Name as Declared>::check(s, issues)),* } }
            /// Adds the rules between quantities that must hold on every path.
            pub fn key_rules(&self, rules: &mut $crate::language::rules::KeyRules<'_>) { match self { $(Self::$Name(s) => <$Name as Declared>::key_rules(s, rules)),* } }
            /// Adds the markets that its terms depend on.
            pub fn needs(&self, needs: &mut Vec<Need>) { match self { $(Self::$Name(s) => <$Name as Declared>::needs(s, needs)),* } }
            /// Whether it issues shares, or warrants on them, at the market's price.
            pub fn prices_shares(&self) -> bool { match self { $(Self::$Name(s) => <$Name as Declared>::prices_shares(s)),* } }
            /// The supplier whose sales to the lab it sees.
            pub fn sees_supplier(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::supplier(s)),* } }
            /// Resolves names of other instruments to bits.
            pub fn link(&mut self, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => <$Name as Declared>::link(s, bit, issues)),* } }
            /// Whether returns of its providers are reported.
            pub fn has_returns(&self) -> bool { match self { $(Self::$Name(_) => $Name::RETURNS),* } }
        }

        impl $crate::engine::objects::InstrumentKind for InstrumentSpec {
            fn scalar(&self, inputs: &$crate::engine::draws::Inputs<'_>) -> Box<dyn $crate::engine::objects::ScalarInstrument> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::objects::Bound::<$Name>::new(s, inputs))),* }
            }
            fn block<'p>(&'p self, planned: &$crate::engine::plan::PlannedInstrument, medians: &[f64], months: usize) -> Box<dyn $crate::engine::objects::BlockInstrument + 'p> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::block::BoundBlock::<$Name>::new(s, planned, medians, months))),* }
            }
            fn history(&self) -> (usize, [usize; $crate::engine::instrument::LAGS]) { match self { $(Self::$Name(s) => ($Name::REMEMBERED, $Name::lags(s))),* } }
            fn posts(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::POSTS),* } }
            fn events(&self) -> u64 { match self { $(Self::$Name(_) => $Name::EVENTS),* } }
            fn lines(&self) -> &'static [$crate::engine::instrument::Line] { match self { $(Self::$Name(s) => $Name::lines(s)),* } }
            fn column(&self, field: &str) -> Option<usize> {
                match self { $(Self::$Name(_) => <<$Name as Instrument>::State as $crate::engine::columns::Row>::offset(field)),* }
            }
            fn kind(&self) -> &'static str { InstrumentSpec::kind(self) }
            fn any(&self) -> &dyn std::any::Any { self }
            fn accounts(&self) -> Vec<(String, usize)> { match self { $(Self::$Name(s) => $Name::accounts(s)),* } }
        }
    };
}
