//! The values at which the widgets of a `<Cabbage>` section and the channels of `chn_k` start. Read here anew, and
//! simply: what the plugin makes of them is what is compared.

/// What a channel starts at.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// Channels and their values, in the order in which they are set: the last of a name stands.
pub fn starting_values(csd: &str) -> Vec<(String, Value)> {
    let declared = csd.lines().filter_map(declaration);
    let section = csd.split_once("<Cabbage>").and_then(|(_, rest)| rest.split_once("</Cabbage>"));
    let section = section.map_or("", |(section, _)| section).replace("\\\r\n", " ").replace("\\\n", " ");
    declared.chain(section.lines().flat_map(widget)).collect()
}

/// `chn_k "name", mode, type, default`, where the type says that there is a default.
fn declaration(line: &str) -> Option<(String, Value)> {
    let arguments = line.trim_start().strip_prefix("chn_k")?.trim_start().strip_prefix('"')?;
    let (name, rest) = arguments.split_once('"')?;
    let code = rest.split(';').next().unwrap_or_default();
    let numbers: Vec<f64> = code.split(',').skip(1).map_while(|word| word.trim().parse().ok()).collect();
    let [_, kind, default, ..] = numbers[..] else { return None };
    (kind > 0.0).then(|| (name.to_owned(), Value::Number(default)))
}

/// An identifier of a line, such as `range(0, 1, 0.5)`: its name and the words in it.
type Identifier = (String, Vec<String>);

fn widget(line: &str) -> Vec<(String, Value)> {
    let line = line.trim_start();
    let kind =
        line.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
    let identifiers = identifiers(&line[kind.len()..]);
    let find = |name: &str| identifiers.iter().rev().find(|(found, _)| found == name).map(|(_, words)| words);
    let number = |name: &str, at: usize| find(name)?.get(at)?.parse::<f64>().ok();
    let channels: Vec<String> = find("channel").or_else(|| find("channels")).cloned().unwrap_or_default();
    let value = number("value", 0);
    let least = |name: &str| number(name, 2).or_else(|| number(name, 0));
    let values: Vec<Value> = match kind.as_str() {
        "rslider" | "hslider" | "vslider" | "nslider" | "numberbox" | "encoder" => {
            vec![Value::Number(value.or_else(|| least("range")).or_else(|| number("min", 0)).unwrap_or(0.0))]
        }
        "button" | "checkbox" => vec![Value::Number(value.unwrap_or(0.0))],
        "combobox" if find("populate").is_some() => Vec::new(),
        "combobox" | "listbox" if is_of_texts(find("channeltype")) => {
            let items = find("items").or_else(|| find("text"));
            let at = value.unwrap_or(1.0) as usize;
            items
                .and_then(|items| items.get(at.checked_sub(1)?).cloned())
                .map(Value::Text)
                .into_iter()
                .collect()
        }
        "combobox" => vec![Value::Number(value.unwrap_or(1.0))],
        "xypad" => ["rangex", "rangey"].map(|name| Value::Number(least(name).unwrap_or(0.0))).to_vec(),
        "hrange" | "vrange" | "hslider2" | "vslider2" => {
            thumbs(find("range"), number("min", 0), number("max", 0))
        }
        _ => Vec::new(),
    };
    channels.into_iter().zip(values).filter(|(channel, _)| !channel.is_empty()).collect()
}

fn is_of_texts(words: Option<&Vec<String>>) -> bool {
    words.is_some_and(|words| words.iter().any(|word| word.eq_ignore_ascii_case("string")))
}

/// Two thumbs have their values as `low:high`.
fn thumbs(range: Option<&Vec<String>>, low: Option<f64>, high: Option<f64>) -> Vec<Value> {
    let word = |at: usize| range.and_then(|range| range.get(at)).map_or("", String::as_str);
    let pair = word(2)
        .split_once(':')
        .and_then(|(low, high)| Some((low.trim().parse().ok()?, high.trim().parse().ok()?)));
    let start = word(2).parse().or_else(|_| word(0).parse()).unwrap_or(0.0);
    let (low, high) = pair.unwrap_or((low.unwrap_or(start), high.unwrap_or(start)));
    vec![Value::Number(low), Value::Number(high)]
}

/// The identifiers of a line, up to its comment.
fn identifiers(line: &str) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    let (mut name, mut inside, mut in_text) = (String::new(), false, false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let words = found.last_mut().map(|(_, words)| words).filter(|_| inside);
        match (letter, words) {
            ('"', _) => in_text = !in_text,
            (letter, Some(words)) if in_text => push(words, letter),
            (_, None) if in_text => (),
            (';', _) => break,
            ('/', _) if letters.peek() == Some(&'/') => break,
            ('(', None) => {
                found.push((std::mem::take(&mut name).to_ascii_lowercase(), vec![String::new()]));
                inside = true;
            }
            (')', Some(words)) => {
                for word in words {
                    *word = word.trim().to_owned();
                }
                inside = false;
            }
            (',', Some(words)) => words.push(String::new()),
            (letter, Some(words)) => push(words, letter),
            (letter, None) if letter.is_alphanumeric() || letter == ':' => name.push(letter),
            (_, None) => name.clear(),
        }
    }
    found
}

fn push(words: &mut [String], letter: char) {
    if let Some(word) = words.last_mut() {
        word.push(letter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(section: &str) -> Vec<(String, Value)> {
        starting_values(&format!("<Cabbage>\n{section}\n</Cabbage>\n"))
    }

    fn numbers(section: &str) -> Vec<f64> {
        let number = |(_, value)| if let Value::Number(number) = value { number } else { panic!("a text") };
        values(section).into_iter().map(number).collect()
    }

    #[test]
    fn each_widget_has_its_values() {
        for (line, expected) in [
            (
                r#"rslider bounds(1, 2, 3, 4), channel("a"), range(20, 2000, 440.5, 0.5, 1) ; value(3)"#,
                &[440.5][..],
            ),
            (r#"hslider channel("a") range(5, 9)"#, &[5.0]),
            (r#"checkbox channel("a"), text("On (loud), off"), value(1)"#, &[1.0]),
            (r#"combobox channel("a"), items("x", "y"), value(2)"#, &[2.0]),
            (r#"hrange channel("a", "b"), range(0, 10, 2:7)"#, &[2.0, 7.0]),
            (r#"xypad channel("a", "b"), rangex(0, 1, 0.5), rangey(2, 3)"#, &[0.5, 2.0]),
            (r#"label text("a")"#, &[]),
        ] {
            assert_eq!(numbers(line), expected, "{line}");
        }
        let chosen = values(r#"combobox channel("a"), channeltype("string"), items("x", "y"), value(2)"#);
        assert_eq!(chosen, [("a".to_owned(), Value::Text("y".into()))]);
    }

    #[test]
    fn declared_channels_start_at_their_defaults() {
        let found =
            starting_values("chn_k \"a\", 1, 2, 0.5, 0, 1 ; b\n chn_k \"b\", 3\nchn_k \"c\", 1, 0, 4\n");
        assert_eq!(found, [("a".to_owned(), Value::Number(0.5))]);
    }
}
