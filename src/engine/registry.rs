//! The two closed lists, of parts and of rooms, as enums: the choice is a `match` outside the lane loop.

/// Declares the rooms: their specs, a room bound to one path, and a room with its columns.
#[macro_export]
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
            pub fn check(&self, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => $Name::check(s, issues)),* } }
            /// What quantities of its terms must be to one another on every path.
            pub fn key_rules(&self, rules: &mut $crate::language::rules::KeyRules<'_>) { match self { $(Self::$Name(s) => $Name::key_rules(s, rules)),* } }
            /// Names of the provider accounts and the account of each.
            pub fn accounts(&self) -> Vec<(String, usize)> { match self { $(Self::$Name(s) => $Name::accounts(s)),* } }
            /// The lines that it posts.
            pub fn posts(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::POSTS),* } }
            /// The events that it may record.
            pub fn events(&self) -> u64 { match self { $(Self::$Name(_) => $Name::EVENTS),* } }
            /// The supplier whose sales to the lab it sees.
            pub fn sees_supplier(&self) -> Option<&str> { match self { $(Self::$Name(s) => $Name::supplier(s)),* } }
            /// Turns names of other rooms into bits.
            pub fn link(&mut self, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut $crate::issues::Issues) { match self { $(Self::$Name(s) => $Name::link(s, bit, issues)),* } }
            /// What it reports.
            pub fn lines(&self) -> &'static [$crate::engine::room::Line] { match self { $(Self::$Name(s) => $Name::lines(s)),* } }
            /// Whether returns of its providers are reported.
            pub fn has_returns(&self) -> bool { match self { $(Self::$Name(_) => $Name::RETURNS),* } }
            /// Column of a state field.
            pub fn column(&self, field: &str) -> Option<usize> {
                match self { $(Self::$Name(_) => <<$Name as Room>::State as $crate::engine::columns::Row>::offset(field)),* }
            }
            /// The room on one path.
            pub fn one(&self, inputs: &$crate::language::quantity::Inputs<'_>) -> One {
                match self { $(Self::$Name(s) => { let terms = $Name::terms(s, inputs); One::$Name(terms, terms.opening()) }),* }
            }
            /// Months after which its taped fields are seen again, and how many there are.
            pub fn tape(&self) -> (usize, [usize; $crate::engine::room::LAGS]) { match self { $(Self::$Name(s) => ($Name::TAPED, $Name::lags(s))),* } }
            /// The room with its columns.
            pub fn slot<'p>(&'p self, planned: &$crate::plan::PlannedRoom, medians: &[f64], months: usize) -> Slot<'p> {
                match self { $(Self::$Name(s) => Slot::$Name(Box::new($crate::engine::block::RoomBlock::new(s, planned, medians, months)))),* }
            }
        }

        /// A room bound to one path, for the plain engine.
        #[derive(Clone, Debug)]
        pub enum One { $($(#[doc = $d])* $Name($Name, <$Name as Room>::State)),* }

        impl One {
            /// One phase; nothing when the room does not implement it.
            pub fn step<const P: u8>(&mut self, see: &$crate::engine::room::View) -> $crate::engine::books::Books {
                match self {
                    $(Self::$Name(room, own) => if const { $Name::PHASES & P != 0 } {
                        $crate::engine::block::step_room::<$Name, P>(room, see, own)
                    } else {
                        $crate::engine::books::Books::NONE
                    }),*
                }
            }
            /// What it claims from the estate of a lab that has failed.
            pub fn claim(&self, see: &$crate::engine::room::View, rules: &$crate::engine::resolution::Rules) -> $crate::engine::resolution::Claim {
                match self { $(Self::$Name(room, own) => room.claim(see, own, rules)),* }
            }
            /// Learns how a failure was resolved; what it writes.
            pub fn resolve(&mut self, see: &$crate::engine::room::View, award: &$crate::engine::resolution::Award) -> $crate::engine::books::Books {
                let mut books = $crate::engine::books::Books::NONE;
                match self { $(Self::$Name(room, own) => room.resolve(see, own, award, &mut books)),* }
                books
            }
            /// What the position of each account is worth.
            pub fn worth(&self, see: &$crate::engine::room::View) -> [$crate::units::Usd; $crate::engine::books::ACCOUNTS] {
                match self { $(Self::$Name(room, own) => room.worth(see, own)),* }
            }
            /// Whether it asks for luck.
            pub fn luck(&self) -> bool { match self { $(Self::$Name(..) => $Name::LUCK),* } }
            /// Roll-forward of its balances since `was`.
            pub fn audit(&self, was: &One) -> $crate::units::Usd {
                match (self, was) {
                    $((Self::$Name(room, now), Self::$Name(_, was)) => room.audit(was, now),)*
                    _ => unreachable!("a room keeps its kind"),
                }
            }
            /// Cash of its vehicle.
            pub fn vehicle_cash(&self) -> $crate::units::Usd { match self { $(Self::$Name(_, own) => $Name::vehicle_cash(own)),* } }
            /// Its state in the order of the columns.
            pub fn values(&self) -> Vec<f64> { match self { $(Self::$Name(_, own) => $crate::engine::columns::Row::values(*own)),* } }
        }

        /// A room with its columns.
        #[derive(Debug)]
        pub enum Slot<'p> { $($(#[doc = $d])* $Name(Box<$crate::engine::block::RoomBlock<'p, $Name>>)),* }

        impl Slot<'_> {
            /// Terms and opening state of a new block.
            pub fn begin(&mut self, level: $crate::engine::level::Level, draws: &[Vec<f64>]) { match self { $(Self::$Name(b) => b.begin(level, draws)),* } }
            /// One phase for the block.
            pub fn sweep<const P: u8>(&mut self, level: $crate::engine::level::Level, first: u64, t: usize, ahead: f64, board: &mut [$crate::engine::columns::Col]) {
                match self { $(Self::$Name(b) => b.sweep::<P>(level, first, t, ahead, board)),* }
            }
            /// Tapes month `t`, which is over.
            pub fn tape(&mut self, t: usize) { match self { $(Self::$Name(b) => b.tape(t)),* } }
            /// Its state columns.
            pub fn own(&self) -> &[$crate::engine::columns::Col] { match self { $(Self::$Name(b) => &b.own),* } }
            /// Its provider flows by month and account.
            pub fn flows(&self) -> &$crate::engine::block::Flows { match self { $(Self::$Name(b) => &b.flows),* } }
            /// Its events of the month.
            pub fn events(&self) -> &$crate::engine::columns::Col { match self { $(Self::$Name(b) => &b.events),* } }
            /// Where it sees what the lab has bought from its supplier.
            pub fn supplier(&mut self) -> &mut [$crate::engine::columns::Col; $crate::engine::block::SALES] { match self { $(Self::$Name(b) => &mut b.supplier),* } }
            /// The room on one lane.
            pub fn take(&self, lane: usize) -> One { match self { $(Self::$Name(b) => { let (room, own) = b.take(lane); One::$Name(room, own) }),* } }
            /// Puts a lane back, with what the room wrote in month `t`.
            pub fn put(&mut self, lane: usize, one: &One, books: &$crate::engine::books::Books) {
                match (self, one) {
                    $((Self::$Name(b), One::$Name(_, own)) => b.put(lane, *own, books),)*
                    _ => unreachable!("a room keeps its kind"),
                }
            }
            /// What the position of each account is worth at the end of month `t`.
            pub fn worth(&self, level: $crate::engine::level::Level, t: usize, board: &[$crate::engine::columns::Col], out: &mut [$crate::engine::columns::Col; $crate::engine::books::ACCOUNTS]) {
                match self { $(Self::$Name(b) => b.worth(level, t, board, out)),* }
            }
        }
    };
}

/// Declares the parts: their specs, a part bound to one path, and a part with its columns.
#[macro_export]
macro_rules! parts {
    ($($(#[$d:meta])* $Name:ident),* $(,)?) => {
        /// What a part's terms are made from.
        #[derive(Clone, Debug)]
        pub enum PartSpec { $($(#[$d])* $Name(<$Name as Part>::Spec)),* }

        impl PartSpec {
            /// Names of its correlated normal shocks.
            pub fn normals(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::normals(s)),* } }
            /// Names of its uniform streams.
            pub fn uniforms(&self) -> Vec<String> { match self { $(Self::$Name(s) => $Name::uniforms(s)),* } }
            /// The lines that it sets.
            pub fn sets(&self) -> $crate::engine::columns::Columns { match self { $(Self::$Name(_) => $Name::SETS),* } }
            /// Columns of the board that it writes in some stage; payment by rank, which only scales what is due, left out.
            pub fn writes(&self) -> $crate::engine::columns::Columns {
                let mut all = $crate::engine::columns::Columns::NONE;
                for stage in 0..$crate::engine::part::stage::COUNT as u8 {
                    match self { $(Self::$Name(_) => if stage != $crate::engine::part::stage::SHORT && $Name::STAGES & (1 << stage) != 0 { all = all.and($Name::writes(stage)); }),* }
                }
                all
            }
            /// How many fields it tapes, and the lags.
            pub fn tape(&self) -> (usize, [usize; $crate::engine::room::LAGS]) { match self { $(Self::$Name(s) => ($Name::TAPED, $Name::lags(s))),* } }
            /// The part on one path; puts its opening values into the lane.
            pub fn one(&self, inputs: &$crate::language::quantity::Inputs<'_>, lane: &mut $crate::engine::part::Lane) -> OnePart {
                match self { $(Self::$Name(s) => { let part = $Name::terms(s, inputs); let own = part.opening(lane); OnePart::$Name(part, own) }),* }
            }
            /// The part with its columns.
            pub fn slot<'p>(&'p self, medians: &[f64], months: usize, normals: Vec<usize>, uniforms: Vec<usize>) -> PartSlot<'p> {
                match self { $(Self::$Name(s) => PartSlot::$Name(Box::new($crate::engine::block::PartBlock::new(s, medians, months, normals, uniforms)))),* }
            }
        }

        /// A part bound to one path, for the plain engine.
        #[derive(Clone, Debug)]
        #[expect(clippy::large_enum_variant, reason = "a path has a few dozen, in one list")]
        pub enum OnePart { $($(#[$d])* $Name($Name, <$Name as Part>::State)),* }

        impl OnePart {
            /// One stage; nothing when the part does not run in it.
            pub fn step<const S: u8>(&mut self, now: &$crate::engine::part::Now, lane: &mut $crate::engine::part::Lane) {
                match self { $(Self::$Name(part, own) => if const { $Name::STAGES & (1 << S) != 0 } { part.step::<S>(now, own, lane) }),* }
            }
            /// Its state in the order of the columns.
            pub fn values(&self) -> Vec<f64> { match self { $(Self::$Name(_, own) => $crate::engine::columns::Row::values(*own)),* } }
        }

        /// A part with its columns.
        #[derive(Debug)]
        pub enum PartSlot<'p> { $($(#[$d])* $Name(Box<$crate::engine::block::PartBlock<'p, $Name>>)),* }

        impl PartSlot<'_> {
            /// Terms and opening values of a new block.
            pub fn begin(&mut self, level: $crate::engine::level::Level, draws: &[Vec<f64>], board: &mut [$crate::engine::columns::Col]) {
                match self { $(Self::$Name(b) => b.begin(level, draws, board)),* }
            }
            /// One stage for the block.
            pub fn sweep<const S: u8>(&mut self, level: $crate::engine::level::Level, t: usize, ahead: f64, noise: $crate::engine::shocks::Noise<'_>, board: &mut [$crate::engine::columns::Col]) {
                match self { $(Self::$Name(b) => b.sweep::<S>(level, t, ahead, noise, board)),* }
            }
            /// Payment by rank for a stretch of lanes.
            pub fn short(&self, level: $crate::engine::level::Level, board: &mut [$crate::engine::columns::Col], at: usize) {
                match self { $(Self::$Name(b) => b.short(level, board, at)),* }
            }
            /// Tapes month `t`, which is over.
            pub fn tape(&mut self, t: usize) { match self { $(Self::$Name(b) => b.tape(t)),* } }
            /// Its state columns.
            pub fn own(&self) -> &[$crate::engine::columns::Col] { match self { $(Self::$Name(b) => b.own()),* } }
        }
    };
}
