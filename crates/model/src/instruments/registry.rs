//! The list of rooms as one enum of their terms; the engine sees each as an object ([`RoomKind`](crate::engine::objects::RoomKind)).

/// Declares the rooms.
macro_rules! rooms {
    ($($(#[doc = $d:literal])* $Name:ident = $key:literal),* $(,)?) => {
        /// The terms of a room as the scenario states them.
        #[derive(Clone, Debug)]
        pub enum RoomSpec { $($(#[doc = $d])* $Name(<$Name as Room>::Spec)),* }

        impl RoomSpec {
            /// The kinds of room, by the key that names them.
            pub const KINDS: &'static [&'static str] = &[$($key),*];
            /// The key that names this kind.
            pub fn kind(&self) -> &'static str { match self { $(Self::$Name(_) => $key),* } }
            /// The kinds with their keys, for the schema and `explain`.
            pub const ENTRIES: &'static [$crate::language::spec::Entry] = &[$($crate::language::spec::Entry {
                key: $key,
                doc: concat!($($d, "\n",)* ""),
                fields: match <<$Name as Room>::Spec as $crate::language::reader::Read>::SHAPE {
                    $crate::language::spec::Shape::Map(fields) => fields,
                    _ => &[],
                },
                written: !$crate::language::spec::among($key, &Self::OF_COMPUTE) && !$crate::language::spec::among($key, &Self::BY_TERMS),
            }),*];
            /// The keys of a room of kind `kind`.
            pub fn fields(kind: &str) -> &'static [$crate::language::spec::Field] {
                match kind {
                    $($key => match <<$Name as Room>::Spec as $crate::language::reader::Read>::SHAPE {
                        $crate::language::spec::Shape::Map(fields) => fields,
                        _ => &[],
                    },)*
                    _ => &[],
                }
            }
            /// The lines that a room of kind `kind` can report, each with what it is.
            pub fn reports(kind: &str) -> Vec<($crate::engine::room::Line, &'static str)> {
                match kind {
                    $($key => $crate::engine::room::described::<$Name>(),)*
                    _ => Vec::new(),
                }
            }
            /// The events that a room of kind `kind` may record, as bits.
            pub fn events_of(kind: &str) -> u64 {
                match kind { $($key => $Name::EVENTS,)* _ => 0 }
            }
            /// Whether returns of the providers of a room of kind `kind` are reported.
            pub fn tells_returns(kind: &str) -> bool {
                match kind { $($key => $Name::RETURNS,)* _ => false }
            }
            /// Reads the terms of a room of kind `kind`.
            pub fn read(kind: &str, node: &mut $crate::language::tree::Node, reader: &mut $crate::language::reader::Reader) -> Option<Self> {
                match kind {
                    $($key => <<$Name as Room>::Spec as $crate::language::reader::Read>::read(node, None, reader).map(Self::$Name),)*
                    _ => None,
                }
            }
            /// The name that the scenario gives, for instruments.
            pub fn name(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::name(s)),* } }
            /// Supplier of compute, for concentration; none when it supplies none.
            pub fn supplier(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::supplies(s)),* } }
            /// Problems that reading could not see.
            pub fn check(&self, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => <$Name as Declared>::check(s, issues)),* } }
            /// What quantities of its terms must be to one another on every path.
            pub fn key_rules(&self, rules: &mut $crate::language::rules::KeyRules<'_>) { match self { $(Self::$Name(s) => <$Name as Declared>::key_rules(s, rules)),* } }
            /// The supplier whose sales to the lab it sees.
            pub fn sees_supplier(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::supplier(s)),* } }
            /// Turns names of other rooms into bits.
            pub fn link(&mut self, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => <$Name as Declared>::link(s, bit, issues)),* } }
            /// Whether returns of its providers are reported.
            pub fn has_returns(&self) -> bool { match self { $(Self::$Name(_) => $Name::RETURNS),* } }
        }

        impl $crate::engine::objects::RoomKind for RoomSpec {
            fn one(&self, inputs: &$crate::engine::draws::Inputs<'_>) -> Box<dyn $crate::engine::objects::One> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::objects::Bound::<$Name>::new(s, inputs))),* }
            }
            fn slot<'p>(&'p self, planned: &$crate::engine::plan::PlannedRoom, medians: &[f64], months: usize) -> Box<dyn $crate::engine::objects::Slot + 'p> {
                match self { $(Self::$Name(s) => Box::new($crate::engine::block::RoomBlock::<$Name>::new(s, planned, medians, months))),* }
            }
            fn tape(&self) -> (usize, [usize; $crate::engine::room::LAGS]) { match self { $(Self::$Name(s) => ($Name::TAPED, $Name::lags(s))),* } }
            fn posts(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::POSTS),* } }
            fn events(&self) -> u64 { match self { $(Self::$Name(_) => $Name::EVENTS),* } }
            fn lines(&self) -> &'static [$crate::engine::room::Line] { match self { $(Self::$Name(s) => $Name::lines(s)),* } }
            fn column(&self, field: &str) -> Option<usize> {
                match self { $(Self::$Name(_) => <<$Name as Room>::State as $crate::engine::columns::Row>::offset(field)),* }
            }
            fn kind(&self) -> &'static str { RoomSpec::kind(self) }
            fn any(&self) -> &dyn std::any::Any { self }
            fn accounts(&self) -> Vec<(String, usize)> { match self { $(Self::$Name(s) => $Name::accounts(s)),* } }
        }
    };
}
