//! Mistakes in YAML that the parser cannot report.

/// Words that YAML 1.1 reads as booleans and 1.2 as text.
pub(super) fn reads_as_boolean(text: &str) -> bool {
    ["y", "n", "yes", "no", "on", "off", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Why the two versions of YAML disagree about a plain scalar, if they do.
pub(super) fn ambiguous(text: &str) -> Option<&'static str> {
    if reads_as_boolean(text) {
        return (!matches!(text, "true" | "false")).then_some("true or false to some YAML readers and text to others");
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = digits.bytes().next()?;
    if !first.is_ascii_digit() {
        return None;
    }
    let all = |extra: &str| digits.bytes().all(|b| b.is_ascii_digit() || extra.as_bytes().contains(&b));
    if digits.contains(':') && all(":._") {
        return Some("a number in base 60 to some YAML readers");
    }
    if digits.contains('_') && all("_.") {
        return Some("a number to some YAML readers and text to others");
    }
    if digits.len() > 1 && first == b'0' {
        if digits.bytes().all(|b| b.is_ascii_digit()) {
            return Some("an octal number to some YAML readers");
        }
        let rest = digits.get(2..)?;
        // `0x` alone is a multiple of zero, and text to every reader.
        if matches!(digits.as_bytes()[1], b'x' | b'o' | b'b')
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_hexdigit() || b == b'_')
        {
            return Some("a hexadecimal, octal or binary number to some YAML readers");
        }
    }
    None
}

/// The first tab in the indentation of a line with content.
pub(super) fn indenting_tab(text: &str) -> Option<usize> {
    let mut begin = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indent].find('\t').filter(|_| indent < line.trim_end().len()) {
            return Some(begin + tab);
        }
        begin += line.len();
    }
    None
}

/// The innermost bracket that is still open at the end of `text`, when it was opened on an earlier line.
pub(super) fn unclosed(text: &str) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    let mut before = '\n';
    for (at, c) in text.char_indices() {
        let starts = before.is_whitespace() || matches!(before, '[' | '{' | ',');
        match (quote, c) {
            (Some(end), c) => {
                let ends = if end == '#' { c == '\n' } else { c == end && (end == '\'' || before != '\\') };
                quote = quote.filter(|_| !ends);
            }
            (None, '"' | '\'') if starts => quote = Some(c),
            (None, '#') if before.is_whitespace() => quote = Some('#'),
            (None, '[' | '{') if starts || !open.is_empty() => open.push(at),
            (None, ']' | '}') => drop(open.pop()),
            _ => {}
        }
        before = c;
    }
    open.pop().filter(|at| quote.is_none_or(|q| q == '#') && text[*at..].contains('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_brackets_are_found() {
        for (text, want) in [
            ("a: [1, 2\nb: 3", Some(3)),
            ("a: {b: [1, 2]\nb: 3", Some(3)),
            ("a: [1, 2]\nb: {", None),
            ("a: \"[\"\nb: 3", None),
            ("a: 1 # [\nb: 3", None),
            ("a: it's [1\nb", Some(8)),
            ("", None),
        ] {
            assert_eq!(unclosed(text), want, "{text}");
        }
    }
}
