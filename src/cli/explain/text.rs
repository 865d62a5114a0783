//! Text for the terminal: wrapped at eighty columns, with pages of Markdown converted to plain text.

use std::fmt::Write as _;

/// Width of the text in columns.
pub const WIDTH: usize = 80;

/// Wraps a paragraph into lines of at most [`WIDTH`] characters, unless a single word is longer. The first line begins
/// with `first`, the others with `rest`. Text in backticks is kept together if it fits.
pub fn wrap(text: &str, first: &str, rest: &str) -> String {
    let (mut out, mut line) = (String::new(), first.to_owned());
    let mut bare = true;
    for word in words(text) {
        let (length, more) = (line.chars().count(), word.chars().count());
        if !bare && length + 1 + more > WIDTH {
            out += line.trim_end();
            out.push('\n');
            rest.clone_into(&mut line);
            bare = true;
        }
        if !bare {
            line.push(' ');
        }
        line += &word;
        bare = false;
    }
    out += line.trim_end();
    out.push('\n');
    out
}

/// Words, and text in backticks that fits on a line.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open = false;
    for word in text.split_whitespace() {
        match out.last_mut().filter(|last| open && last.chars().count() + word.chars().count() < 50) {
            Some(last) => {
                last.push(' ');
                *last += word;
            }
            None => out.push(word.to_owned()),
        }
        open ^= word.matches('`').count() % 2 == 1;
    }
    out
}

/// A page of Markdown: headings as they are, paragraphs and lists wrapped, tables as lists, links as their text.
pub fn page(markdown: &str) -> String {
    let mut out = String::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            if !out.is_empty() && !out.ends_with("\n\n") {
                out.push('\n');
            }
        } else if let Some(title) = line.strip_prefix('#') {
            let _ = writeln!(out, "{}", title.trim_start_matches('#').trim().to_uppercase());
        } else if line.starts_with("```") {
            for code in lines.by_ref().take_while(|line| !line.starts_with("```")) {
                let _ = writeln!(out, "    {code}");
            }
        } else if line.starts_with('|') {
            let mut rows = vec![line];
            while let Some(row) = lines.next_if(|row| row.starts_with('|')) {
                rows.push(row);
            }
            out += &table(&rows);
        } else {
            let item = line.starts_with("- ");
            let mut text = line.to_owned();
            while let Some(more) = lines.next_if(|l| {
                !l.trim().is_empty() && !l.starts_with(['|', '#', '-', '`'])
                    || l.starts_with('`') && !l.starts_with("```")
            }) {
                text.push(' ');
                text += more.trim();
            }
            out += &wrap(&links(&text), "", if item { "  " } else { "" });
        }
    }
    out
}

/// The cells of a row.
fn cells(row: &str) -> Vec<String> {
    let row = row.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
    row.split('|').map(|cell| links(cell.trim()).replace('\u{1}', "|")).collect()
}

/// Table rows as list items: the first cell, then each of the others with its column heading.
fn table(rows: &[&str]) -> String {
    let head = rows.first().map(|row| cells(row)).unwrap_or_default();
    let mut out = String::new();
    for row in rows.iter().skip(2) {
        let row = cells(row);
        let rest: Vec<String> = row
            .iter()
            .zip(&head)
            .skip(1)
            .filter(|(cell, _)| !cell.is_empty())
            .map(|(cell, head)| if head.is_empty() || row.len() == 2 { cell.clone() } else { format!("{head} {cell}") })
            .collect();
        let first = row.first().map_or("", String::as_str);
        let text = if rest.is_empty() { format!("- {first}") } else { format!("- {first}: {}", rest.join("; ")) };
        out += &wrap(&text, "", "  ");
    }
    out
}

/// Replaces links by their text.
fn links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let link = after.split_once("](").and_then(|(name, more)| Some((name, more.split_once(')')?)));
        out += before;
        if let Some((name, (_, more))) = link.filter(|(name, _)| !name.contains(']')) {
            out += name;
            rest = more;
        } else {
            out.push('[');
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_code_stays_together() {
        let text = "word ".repeat(40) + "`- revolver: {name: line, limit: 1B USD}` and the rest of it";
        let wrapped = wrap(&text, "- ", "  ");
        assert!(wrapped.lines().all(|l| l.chars().count() <= WIDTH), "{wrapped}");
        assert!(wrapped.contains("`- revolver: {name: line, limit: 1B USD}`"));
        assert_eq!(wrap("", "", ""), "\n");
    }

    #[test]
    fn markdown_becomes_plain() {
        let text = page(
            "# One\n\nA [link](x.md) and [not] one.\nMore.\n\n| a | b | c |\n| --- | --- | --- |\n| x | y | z |\n\n- item\n  goes on\n",
        );
        assert_eq!(text, "ONE\n\nA link and [not] one. More.\n\n- x: b y; c z\n\n- item goes on\n");
    }
}
