//! What the charts need from the contracts and instruments of the resolved scenario: their kinds, the levels that
//! lenders set, and hurdles. An uncertain term has no single value, and none is shown.

use crate::instruments::InstrumentSpec;
use crate::instruments::declared::{Facts, Provider};
use crate::language::tree::Node;
use crate::output::charts::{Role, spoken};
use crate::output::names::plain;
use crate::output::reading::Folder;

/// A contract or instrument as written.
pub(in crate::output) struct Written {
    name: String,
    kind: String,
    terms: Node,
}

impl Written {
    /// Properties of its kind.
    fn facts(&self) -> Option<Facts> {
        InstrumentSpec::facts(&self.kind)
    }
}

/// All of them, in scenario order.
pub(in crate::output) struct Terms(Vec<Written>);

/// Where covenants and other cover levels are found, and their labels on a chart.
const LEVELS: [(&[&str], &str); 5] = [
    (&["debt", "covenants", "lock_up"], "lock-up"),
    (&["debt", "covenants", "default"], "default"),
    (&["covenants", "lock_up"], "lock-up"),
    (&["covenants", "default"], "default"),
    (&["covenants", "early_amortisation"], "early amortisation"),
];

impl Terms {
    /// The terms of a folder; none when its scenario cannot be read.
    pub fn of(folder: &Folder) -> Terms {
        let mut all = Vec::new();
        if let Some(root) = folder.tree() {
            let list = |node: Option<&Node>| node.and_then(Node::list).map(<[Node]>::to_vec).unwrap_or_default();
            let contracts = root.get("lab").and_then(|l| l.get("compute")).and_then(|c| c.get("contracts"));
            for item in list(contracts) {
                if let Some([(key, terms)]) = item.map() {
                    all.push(Written { name: key.text.clone(), kind: "contract".into(), terms: terms.clone() });
                }
            }
            for item in list(root.get("instruments")) {
                if let Some([(key, terms)]) = item.map() {
                    let name = terms.get("name").and_then(Node::text).unwrap_or(&key.text);
                    all.push(Written { name: name.to_owned(), kind: key.text.clone(), terms: terms.clone() });
                }
            }
        }
        Terms(all)
    }

    /// Label of an instrument on a chart: the buyers of priced rounds are equity investors, with the name only where
    /// there are several rounds.
    pub fn called(&self, name: &str) -> String {
        let kind = |w: &&Written| w.facts().is_some_and(|facts| facts.provider == Provider::Investor);
        let rounds = self.0.iter().filter(kind).count();
        match self.find(name).filter(kind) {
            Some(_) if rounds == 1 => "Equity investors".into(),
            Some(_) => format!("Equity investors ({})", plain(name)),
            None => spoken(name),
        }
    }

    /// Whether there is a vehicle other than a joint venture.
    pub fn has_vehicle(&self) -> bool {
        let vehicle = |facts: Facts| facts.is_vehicle && facts.provider != Provider::Partner;
        self.0.iter().filter_map(Written::facts).any(vehicle)
    }

    fn find(&self, name: &str) -> Option<&Written> {
        self.0.iter().find(|w| w.name == name)
    }

    /// Cover levels that an instrument's lenders set.
    pub fn levels(&self, name: &str) -> Vec<(String, f64)> {
        let Some(written) = self.find(name) else { return Vec::new() };
        let level = |(path, called): &(&[&str], &str)| {
            let value = value(&written.terms, path)?.strip_suffix('x')?.trim().parse().ok()?;
            (value > 0.0).then(|| ((*called).to_owned(), value))
        };
        LEVELS.iter().filter_map(level).collect()
    }

    /// Annual hurdle rate of an instrument's waterfall.
    pub fn hurdle(&self, name: &str) -> Option<f64> {
        let text = value(&self.find(name)?.terms, &["waterfall", "hurdle"])?;
        text.strip_suffix("%/yr")?.trim().parse().ok().map(|p: f64| p / 100.0)
    }

    /// The role that decides the colour of an account of an instrument; `account` is empty for the instrument itself.
    pub fn role(&self, name: &str, account: &str) -> Role {
        let place = self.0.iter().position(|w| w.name == name).unwrap_or(0);
        let same = |w: &&Written| self.0[place].kind == w.kind;
        // Instruments of one kind are distinguished by lightness, in scenario order.
        let nth = self.0.get(..place).map_or(0, |before| before.iter().filter(same).count());
        let step = (nth % 4) as u8;
        match (name, account) {
            ("lab", "employees") => Role::Employees,
            ("lab", "tax") => Role::State,
            ("lab", "cloud_partners") => Role::Partner(0),
            ("lab", "compute_suppliers") => Role::Compute(2),
            ("lab", _) => Role::Other,
            (_, "partners") => Role::Partner(step),
            (_, "equity" | "lab" | "sponsor") => Role::Vehicle(step),
            _ => match self.find(name).and_then(Written::facts).map(|facts| facts.provider) {
                None => Role::Other,
                Some(Provider::Supplier | Provider::Own) => Role::Compute(step),
                Some(Provider::Investor) => Role::Investor(step),
                Some(Provider::Strategic) => Role::Investor(1),
                Some(Provider::Noteholder) => Role::Investor(3),
                Some(Provider::Partner) if account.is_empty() => Role::Partner(step),
                Some(Provider::Vehicle) if account.is_empty() => Role::Vehicle(step),
                // Accounts of a vehicle other than its equity belong to its lenders.
                Some(Provider::Partner | Provider::Vehicle | Provider::Lender) => Role::Lender(step),
            },
        }
    }
}

/// The text of a term, which may be given alone or with its source.
fn value<'a>(node: &'a Node, path: &[&str]) -> Option<&'a str> {
    let node = path.iter().try_fold(node, |node, key| node.get(key))?;
    node.text().or_else(|| node.get("value").and_then(Node::text))
}
