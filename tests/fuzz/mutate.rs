//! Mutations of scenarios, each a pure function of its number.

use gapcast::issues::{Issues, Place};
use gapcast::language::tree::{Node, Value};
use gapcast::language::write::to_yaml;
use gapcast::language::{overlay, yaml};
use gapcast::model::Settings;

/// A mutated scenario with its settings and variant.
pub struct Case {
    pub text: String,
    pub settings: Settings,
}

/// Random numbers (splitmix64) of one case.
pub struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    /// One of the words between `¦`.
    fn word<'a>(&mut self, of: &'a str) -> &'a str {
        let n = of.split('¦').count();
        of.split('¦').nth(self.below(n)).unwrap_or("")
    }
    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// Numbers, separated by `¦`, that are small, large, at a limit or not numbers at all.
const NUMBERS: &str = concat!(
    "0¦1¦2¦3¦7¦12¦0.5¦0.001¦1e-9¦1e-12¦1e-30¦1e-300¦5e-324¦1e-400¦10¦50¦59¦60¦61¦99¦99.99¦99.999999¦100¦",
    "100.01¦101¦150¦1000¦4096¦1e4¦1e6¦1e9¦1e12¦1e15¦1e18¦1e100¦1e300¦1e308¦1e400¦-0¦-1¦-1e-9¦-50¦-99¦-100¦",
    "-101¦-1e6¦-1e300¦NaN¦.inf¦+5¦0x10¦1_000¦1:30¦07¦1e5¦9007199254740993¦18446744073709551616¦½¦٣¦",
);
/// Units, right and wrong.
const UNITS: &str = concat!(
    "USD¦B USD¦T USD¦k USD¦USD/mo¦B USD/yr¦B USD/GW¦B USD/GW-yr¦USD/gpu-hour¦%¦%/mo¦%/yr¦bp¦x¦x/yr¦x/mo¦GW¦",
    "MW¦mo¦yr¦d¦¦ to ¦USD/GW-mo¦EUR",
);
/// Months near the simulated ones, and far from them.
const DATES: &str = concat!(
    "2026-06¦2026-07¦2026-12¦2027-06¦2029-01¦2031-05¦2031-06¦2049-12¦2026-05¦2020-01¦1900-01¦2199-12¦1899-12¦",
    "2200-01¦2026-00¦2026-13¦2026-02-30¦2026-6¦0000-00¦9999-99¦2026-06-15",
);
/// Words of the language and of YAML that may stand anywhere.
const WORDS: &str = concat!(
    "null¦~¦true¦false¦yes¦no¦on¦off¦sofr¦sofr + 225 bp¦sofr - 99 %/yr¦to¦{}¦[]¦[[]]¦",
    "{dist: beta, p5: 42%, p95: 72%}¦{dist: lognormal, median: 2x, p95: 3x}¦",
    "{dist: uniform, min: 0%, max: 100%}¦{dist: discrete, values: [1x, 2x], weights: [1, 0]}¦",
    "{dist: normal, mean: 0 mo, sd: 1e9 mo}¦{value: 5%}¦&a¦*a¦<<: *a¦!!str x¦\"¦'¦|¦>¦- ¦: ¦# ¦---¦...¦",
    "%YAML 1.1¦?¦{¦}¦[¦]¦,¦\t¦\u{0}¦\u{85}¦\u{2028}¦\u{feff}¦\u{202e}¦\r¦\u{7f}¦../../etc¦con¦lpt1¦0% to 0%¦",
    "5% to 1%¦-50% to 150%¦growth_now¦0.5 * growth_now¦growth_now / growth_now¦gaussian¦{t: {df: 4}}¦",
    "{t: {df: 1000}}¦lab¦forecast_share¦newsvendor¦fixed_plan¦bullish¦immediately¦none¦restructuring",
);

/// Scenarios that mutations grow from.
pub struct Garden {
    texts: Vec<String>,
    trees: Vec<Node>,
    /// Scalars, keys and whole branches of all of them.
    scalars: Vec<String>,
    keys: Vec<String>,
    branches: Vec<(String, Node)>,
}

fn walk<'a>(node: &'a Node, key: &str, visit: &mut dyn FnMut(&str, &'a Node)) {
    visit(key, node);
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|(key, value)| walk(value, &key.text, visit)),
        Value::List(items) => items.iter().for_each(|item| walk(item, "-", visit)),
        _ => {}
    }
}

/// The node of this number in the order of the tree.
fn nth_mut<'a>(node: &'a mut Node, n: &mut usize) -> Option<&'a mut Node> {
    if *n == 0 {
        return Some(node);
    }
    *n -= 1;
    match &mut node.value {
        Value::Map(entries) => {
            for (_, value) in entries {
                if let Some(found) = nth_mut(value, n) {
                    return Some(found);
                }
            }
        }
        Value::List(items) => {
            for item in items {
                if let Some(found) = nth_mut(item, n) {
                    return Some(found);
                }
            }
        }
        _ => {}
    }
    None
}

fn size(node: &Node) -> usize {
    let mut n = 0;
    walk(node, "", &mut |_, _| n += 1);
    n
}

impl Garden {
    pub fn new(texts: Vec<String>) -> Garden {
        let trees: Vec<Node> = texts
            .iter()
            .map(|text| yaml::load(text, 0, &mut Issues::default()).expect("a shipped scenario is YAML"))
            .collect();
        let (mut scalars, mut keys, mut branches) = (Vec::new(), Vec::new(), Vec::new());
        for tree in &trees {
            walk(tree, "", &mut |key, node| {
                keys.push(key.to_owned());
                match &node.value {
                    Value::Scalar { text, quoted: false } => scalars.push(text.clone()),
                    Value::Map(_) | Value::List(_) => branches.push((key.to_owned(), node.clone())),
                    _ => {}
                }
            });
        }
        for list in [&mut scalars, &mut keys] {
            list.sort();
            list.dedup();
        }
        Garden { texts, trees, scalars, keys, branches }
    }

    /// Whether a line stands in one of them.
    pub fn has_line(&self, line: &str) -> bool {
        self.texts.iter().any(|text| text.lines().any(|other| other == line))
    }

    /// The case of this number.
    pub fn case(&self, number: u64) -> Case {
        let mut dice = Dice(number.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1));
        dice.next();
        let at = dice.below(self.texts.len());
        let mut settings = Settings::default();
        let text = if dice.chance(75) {
            let mut tree = self.trees[at].clone();
            // Few mutations, since otherwise nearly every case is rejected.
            for _ in 0..=dice.below(3) {
                self.graft(&mut tree, &mut dice);
            }
            if dice.chance(15) {
                self.say_beside(&tree, &mut settings, &mut dice);
            }
            to_yaml(&tree)
        } else {
            let mut text = self.texts[at].clone();
            for _ in 0..=dice.below(3) {
                text = self.scribble(&text, &mut dice);
            }
            text
        };
        Case { text, settings }
    }

    /// Settings and a variant, as from the command line.
    fn say_beside(&self, tree: &Node, settings: &mut Settings, dice: &mut Dice) {
        let paths = overlay::paths(tree);
        let path = &paths[dice.below(paths.len())];
        settings.sets.push(format!("{path}={}", self.scalar(dice)));
        if dice.chance(20) {
            settings.sets.push(dice.word(WORDS).to_owned());
        }
        if dice.chance(20) {
            settings.variant = Some("winter_now".to_owned());
        }
    }

    fn scalar(&self, dice: &mut Dice) -> String {
        match dice.below(5) {
            0 => dice.word(WORDS).to_owned(),
            1 => dice.word(DATES).to_owned(),
            2 => format!("{} {}", dice.word(NUMBERS), dice.word(UNITS)),
            _ => self.scalars[dice.below(self.scalars.len())].clone(),
        }
    }

    /// Another value that is written much like this one.
    fn like(&self, text: &str, dice: &mut Dice) -> String {
        let digit = |c: char| c.is_ascii_digit();
        let Some(first) = text.find(digit) else { return self.scalar(dice) };
        let last = first + text[first..].find(|c: char| !digit(c) && c != '.').unwrap_or(text.len() - first);
        let is_date = text.len() >= 7 && text.as_bytes()[4] == b'-' && text[..4].chars().all(digit);
        if is_date {
            return dice.word(DATES).to_owned();
        }
        match dice.below(6) {
            0 => format!("{}{}", &text[..last], dice.word(UNITS)),
            1 => format!("{}{} to {}{}", &text[..last], &text[last..], dice.word(NUMBERS), &text[last..]),
            2 => format!("{} {} {text}", dice.word(NUMBERS), dice.word("*¦+¦-¦/¦to¦* -")),
            _ => format!("{}{}{}", &text[..first], dice.word(NUMBERS), &text[last..]),
        }
    }

    /// Changes a branch of the tree.
    fn graft(&self, tree: &mut Node, dice: &mut Dice) {
        let mut n = 1 + dice.below(size(tree) - 1);
        let other = self.branches[dice.below(self.branches.len())].clone();
        let Some(node) = nth_mut(tree, &mut n) else { return };
        let place = Place::default();
        match &mut node.value {
            Value::Scalar { text, .. } => {
                let text = if dice.chance(80) { self.like(text, dice) } else { self.scalar(dice) };
                *node = Node::scalar(text, place);
            }
            Value::Null => *node = Node::scalar(self.scalar(dice), place),
            Value::Map(entries) => match dice.below(6) {
                0 if !entries.is_empty() => drop(entries.remove(dice.below(entries.len()))),
                1 if entries.len() > 1 => {
                    let (a, b) = (dice.below(entries.len()), dice.below(entries.len()));
                    let value = entries[a].1.clone();
                    entries[b].1 = value;
                }
                2 if !entries.is_empty() => {
                    let at = dice.below(entries.len());
                    entries[at].0.text.clone_from(&self.keys[dice.below(self.keys.len())]);
                }
                3 => *node = other.1,
                // A branch of the same name from elsewhere: often it fits.
                4 if !entries.is_empty() => {
                    let at = dice.below(entries.len());
                    let same: Vec<&Node> =
                        self.branches.iter().filter(|(key, _)| *key == entries[at].0.text).map(|(_, n)| n).collect();
                    if !same.is_empty() {
                        entries[at].1 = same[dice.below(same.len())].clone();
                    }
                }
                _ => node.insert(&other.0, other.1),
            },
            Value::List(items) => match dice.below(5) {
                0 if !items.is_empty() => drop(items.remove(dice.below(items.len()))),
                1 if items.len() > 1 => {
                    let (a, b) = (dice.below(items.len()), dice.below(items.len()));
                    items.swap(a, b);
                }
                2 if !items.is_empty() => {
                    let mut copy = items[dice.below(items.len())].clone();
                    rename(&mut copy, dice.below(1000));
                    items.push(copy);
                }
                // An item of any list of the shipped scenarios, of the same kind or another.
                3 => {
                    let lists: Vec<&Node> =
                        self.branches.iter().map(|(_, n)| n).filter(|n| n.list().is_some()).collect();
                    let from = lists[dice.below(lists.len())].list().unwrap_or(&[]);
                    if !from.is_empty() {
                        items.push(from[dice.below(from.len())].clone());
                    }
                }
                _ => items.push(Node::scalar(self.scalar(dice), place)),
            },
        }
    }

    /// Changes the text.
    fn scribble(&self, text: &str, dice: &mut Dice) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(10) {
            0 => lines.swap(a, b),
            1 => lines.insert(b, lines[a].clone()),
            2 => drop(lines.remove(a)),
            3 => lines[a] = self.reword(&lines[a].clone(), dice),
            4 => lines[a].insert_str(0, dice.word(" ¦  ¦\t¦- ¦#¦\u{feff}")),
            5 => {
                let at = boundary(&lines[a], dice);
                lines[a].truncate(at);
            }
            6 => {
                let at = boundary(&lines[a], dice);
                lines[a].insert_str(at, dice.word(WORDS));
            }
            7 => {
                let mut bytes = text.as_bytes().to_vec();
                let at = dice.below(bytes.len());
                bytes[at] ^= 1 << dice.below(8);
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            8 => {
                let at = boundary(text, dice);
                return if dice.chance(50) { text[..at].to_owned() } else { text.replace('\n', "\r\n") };
            }
            _ => {
                let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 30));
                let part: Vec<String> = lines[from..to].to_vec();
                let at = dice.below(lines.len());
                lines.splice(at..at, part);
            }
        }
        lines.join("\n")
    }

    /// Replaces a word of a line.
    fn reword(&self, line: &str, dice: &mut Dice) -> String {
        let words: Vec<&str> = line.split_inclusive([' ', ':', ',', '{', '}', '[', ']']).collect();
        let at = dice.below(words.len());
        let new = match dice.below(4) {
            0 => self.keys[dice.below(self.keys.len())].clone(),
            1 => self.scalar(dice),
            _ => self.like(words.get(at).copied().unwrap_or(""), dice),
        };
        words.iter().enumerate().map(|(k, word)| if k == at { new.as_str() } else { word }).collect()
    }
}

/// A place between two characters.
fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut at = dice.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Gives a copy of an instrument or of a named thing another name.
fn rename(item: &mut Node, number: usize) {
    let Some([(key, inner)]) = item.map_mut().map(Vec::as_mut_slice) else { return };
    if inner.get("name").is_some() {
        inner.insert("name", Node::scalar(format!("copy_{number}"), Place::default()));
    } else {
        key.text = format!("{}_{number}", key.text);
    }
}
