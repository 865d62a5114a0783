//! Rows stored as columns: the state of one path is a struct; a block of 256 paths has one column for each of its
//! fields.
//!
//! [`row!`](crate::row) declares the struct once; its field names are the names of the output lines.

/// Paths in a block. A fixed constant: changing it changes the last digits of floating-point sums.
pub const LANES: usize = 256;

impl std::borrow::Borrow<[f64; LANES]> for Col {
    fn borrow(&self) -> &[f64; LANES] {
        &self.0
    }
}
impl std::borrow::BorrowMut<[f64; LANES]> for Col {
    fn borrow_mut(&mut self) -> &mut [f64; LANES] {
        &mut self.0
    }
}

/// One value for each lane of a block.
///
/// The padding keeps neighbouring columns out of the same cache sets: without it every column would begin at a multiple
/// of 2 KiB, and a sweep over more than about two dozen of them would evict its own cache lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Col(pub [f64; LANES], [f64; 8]);

impl Col {
    /// All lanes zero.
    pub const ZERO: Col = Col([0.0; LANES], [0.0; 8]);
}

/// `n` columns of zeros.
pub fn columns(n: usize) -> Box<[Col]> {
    vec![Col::ZERO; n].into()
}

/// A set of up to 384 columns, known at compile time.
///
/// A sweep stores only the columns that its component or instrument declares. Storing unchanged columns costs more than
/// memory bandwidth: beyond about a hundred stores the compiler no longer proves that they change nothing and gives up
/// vectorising, and the sweep is a hundred times slower.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns([u64; 6]);

impl Columns {
    /// The empty set.
    pub const NONE: Columns = Columns([0; 6]);
    /// All columns.
    pub const ALL: Columns = Columns([u64::MAX; 6]);

    /// This set with `width` more columns from number `first` on.
    #[must_use]
    pub const fn with(mut self, first: usize, width: usize) -> Columns {
        let mut at = first;
        while at < first + width {
            self.0[at / 64] |= 1 << (at % 64);
            at += 1;
        }
        self
    }

    /// The union of the two sets.
    #[must_use]
    pub const fn and(mut self, other: Columns) -> Columns {
        let mut word = 0;
        while word < self.0.len() {
            self.0[word] |= other.0[word];
            word += 1;
        }
        self
    }

    /// This set without the columns of `other`.
    #[must_use]
    pub const fn without(mut self, other: Columns) -> Columns {
        let mut word = 0;
        while word < self.0.len() {
            self.0[word] &= !other.0[word];
            word += 1;
        }
        self
    }

    /// Whether the set contains this column.
    #[inline(always)]
    pub const fn has(self, column: usize) -> bool {
        self.0[column / 64] >> (column % 64) & 1 == 1
    }
}

/// A value stored as columns: a number, a bit mask, an array of them, or a whole [`row!`](crate::row).
pub trait Field: Copy {
    /// Number of columns that it takes.
    const WIDTH: usize;
    /// Reads lane `lane` from the first `WIDTH` columns.
    fn load(columns: &[Col], lane: usize) -> Self;
    /// Writes lane `lane` of the first `WIDTH` columns.
    fn store(self, columns: &mut [Col], lane: usize);
    /// Writes only the columns in `which`; the first of `columns` has number `first` in that set.
    fn store_some(self, which: Columns, first: usize, columns: &mut [Col], lane: usize);
    /// Adds its values to a list, in the order of its columns.
    fn append(self, out: &mut Vec<f64>);
}

macro_rules! scalar_field {
    ($($t:ty: $x:ident => $to:expr, $from:expr;)*) => { $(
        impl Field for $t {
            const WIDTH: usize = 1;
            #[inline(always)]
            fn load(columns: &[Col], lane: usize) -> $t { let $x = columns[0].0[lane]; $from }
            #[inline(always)]
            fn store(self, columns: &mut [Col], lane: usize) { let $x = self; columns[0].0[lane] = $to; }
            #[inline(always)]
            fn store_some(self, which: Columns, first: usize, columns: &mut [Col], lane: usize) {
                if which.has(first) {
                    self.store(columns, lane);
                }
            }
            fn append(self, out: &mut Vec<f64>) { let $x = self; out.push($to); }
        }
    )* };
}
scalar_field! {
    f64: x => x, x;
    crate::units::Usd: x => x.0, crate::units::Usd(x);
    u64: x => f64::from_bits(x), x.to_bits();
}

impl<T: Field, const N: usize> Field for [T; N] {
    const WIDTH: usize = N * T::WIDTH;
    // Not `array::from_fn`: it is not inlined here, and the sweep then stays scalar (nine times slower).
    #[inline(always)]
    fn load(columns: &[Col], lane: usize) -> Self {
        let mut out = [T::load(columns, lane); N];
        for k in 1..N {
            out[k] = T::load(&columns[k * T::WIDTH..], lane);
        }
        out
    }
    #[inline(always)]
    fn store(self, columns: &mut [Col], lane: usize) {
        for k in 0..N {
            self[k].store(&mut columns[k * T::WIDTH..], lane);
        }
    }
    #[inline(always)]
    fn store_some(self, which: Columns, first: usize, columns: &mut [Col], lane: usize) {
        for k in 0..N {
            self[k].store_some(which, first + k * T::WIDTH, &mut columns[k * T::WIDTH..], lane);
        }
    }
    fn append(self, out: &mut Vec<f64>) {
        for x in self {
            x.append(out);
        }
    }
}

/// A struct whose fields can be stored as columns.
pub trait Row: Field + Default + std::fmt::Debug + Send + Sync + 'static {
    /// Field names and the number of columns that each takes, in order.
    const NAMES: &'static [(&'static str, usize)];
    /// Doc comments of the fields, in the same order.
    const DOCS: &'static [&'static str];

    /// The first column of the field `name`, or `None` if there is no such field.
    fn offset(name: &str) -> Option<usize> {
        let mut at = 0;
        for &(n, width) in Self::NAMES {
            if n == name {
                return Some(at);
            }
            at += width;
        }
        None
    }

    /// The row's values in the order of its columns.
    fn values(self) -> Vec<f64> {
        let mut out = Vec::with_capacity(Self::WIDTH);
        self.append(&mut out);
        out
    }
}

/// Number of columns that a field takes; all its numbers are eight bytes.
pub const fn width_of<S, T>(_: fn(&S) -> &T) -> usize {
    size_of::<T>() / 8
}

/// The columns of a row that hold these fields: `fields![RevolverState: draw, balance]`.
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! fields {
    ($Row:ty: $($field:ident),* $(,)?) => {
        const {
            $crate::columns::Columns::NONE$(.with(
                std::mem::offset_of!($Row, $field) / 8,
                $crate::columns::width_of(|row: &$Row| &row.$field),
            ))*
        }
    };
}

/// Declares structs that can be stored as columns ([`Row`](crate::columns::Row)).
#[cfg_attr(doc, doc(hidden))]
#[macro_export]
macro_rules! row {
    ($($(#[$m:meta])* $vis:vis struct $name:ident { $($(#[doc = $d:literal])* $fvis:vis $f:ident: $t:ty),* $(,)? })*) => { $(
        $(#[$m])*
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        #[repr(C)]
        $vis struct $name { $($(#[doc = $d])* $fvis $f: $t),* }
        impl $crate::columns::Field for $name {
            const WIDTH: usize = 0 $(+ <$t as $crate::columns::Field>::WIDTH)*;
            #[inline(always)]
            #[allow(unused, clippy::allow_attributes)]
            fn load(columns: &[$crate::columns::Col], lane: usize) -> Self {
                let mut at = 0;
                $(
                    let $f = <$t as $crate::columns::Field>::load(&columns[at..], lane);
                    at += <$t as $crate::columns::Field>::WIDTH;
                )*
                Self { $($f),* }
            }
            #[inline(always)]
            #[allow(unused, clippy::allow_attributes)]
            fn store(self, columns: &mut [$crate::columns::Col], lane: usize) {
                let mut at = 0;
                $(
                    $crate::columns::Field::store(self.$f, &mut columns[at..], lane);
                    at += <$t as $crate::columns::Field>::WIDTH;
                )*
            }
            #[inline(always)]
            #[allow(unused, clippy::allow_attributes)]
            fn store_some(
                self,
                which: $crate::columns::Columns,
                first: usize,
                columns: &mut [$crate::columns::Col],
                lane: usize,
            ) {
                let mut at = 0;
                $(
                    $crate::columns::Field::store_some(self.$f, which, first + at, &mut columns[at..], lane);
                    at += <$t as $crate::columns::Field>::WIDTH;
                )*
            }
            #[allow(unused, clippy::allow_attributes)]
            fn append(self, out: &mut Vec<f64>) {
                $($crate::columns::Field::append(self.$f, out);)*
            }
        }
        impl $crate::columns::Row for $name {
            const NAMES: &'static [(&'static str, usize)] =
                &[$((stringify!($f), <$t as $crate::columns::Field>::WIDTH)),*];
            const DOCS: &'static [&'static str] = &[$(concat!($($d, "\n",)* "")),*];
        }
    )* };
}
