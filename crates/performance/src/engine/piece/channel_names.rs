//! The channels that an orchestra names, found in its text. Pure.

use std::collections::HashMap;

use csound_library::ChannelKind;

use super::live_text::input::{Input, is_blank, is_word, long_text, quoted};

/// A channel that an orchestra names with a literal string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedChannel {
    /// Its name.
    pub name: String,
    /// The kind of its data. A declaration (`chn_k` and its kin) decides, else the first use.
    pub kind: ChannelKind,
    /// True if the piece reads it.
    pub reads: bool,
    /// True if the piece writes it.
    pub writes: bool,
}

/// The channels that an orchestra, or the orchestras of a CSD, name with literal strings, in the
/// order of their first appearance. Macros are not expanded: names with `$` in them are left out.
pub fn scan_channel_names(text: &str) -> Vec<ScannedChannel> {
    let mut found = Channels::default();
    match super::sections::some_orchestra_spans(text) {
        Some(spans) => spans.into_iter().for_each(|span| found.scan(&text[span])),
        None => found.scan(text),
    }
    found.channels
}

/// The literal strings of an orchestra, or of the orchestras of a CSD, in the order of the text: one of them may be the
/// name of a channel that is read by way of a variable or an array.
pub fn scan_literals(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut scan = |orchestra: &str| {
        let mut input = Input::new(orchestra);
        while let Some(tokens) = statement(&mut input) {
            found.extend(tokens.into_iter().filter_map(|token| match token {
                Token::Text(text) => Some(text),
                _ => None,
            }));
        }
    };
    match super::sections::some_orchestra_spans(text) {
        Some(spans) => spans.into_iter().for_each(|span| scan(&text[span])),
        None => scan(text),
    }
    found
}

/// The arguments of an opcode that name channels.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    First,
    Second,
    All,
}

/// The part of a call that decides a channel's kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decides {
    /// The opcode itself.
    Opcode(ChannelKind),
    /// The opcode itself, which declares the channel with a direction.
    Declaration(ChannelKind),
    /// The opcode's output.
    Output,
    /// The argument of this number, from 0.
    Argument(usize),
}

/// An opcode that names channels.
struct ChannelOpcode {
    name: &'static str,
    named: Named,
    decides: Decides,
    reads: bool,
    writes: bool,
}

const fn channel_opcode(
    name: &'static str,
    named: Named,
    decides: Decides,
    direction: &str,
) -> ChannelOpcode {
    let reads = direction.as_bytes()[0] == b'r';
    ChannelOpcode { name, named, decides, reads, writes: !reads }
}

/// With one argument it reads a channel, else an identifier of a widget.
const GET: &str = "cabbageGet";

const CHANNEL_OPCODES: [ChannelOpcode; 25] = [
    channel_opcode("chnget", Named::First, Decides::Output, "reads"),
    channel_opcode("chngeti", Named::First, Decides::Opcode(ChannelKind::Control), "reads"),
    channel_opcode("chngetk", Named::First, Decides::Opcode(ChannelKind::Control), "reads"),
    channel_opcode("chngeta", Named::First, Decides::Opcode(ChannelKind::Audio), "reads"),
    channel_opcode("chngets", Named::First, Decides::Opcode(ChannelKind::Text), "reads"),
    channel_opcode("chnset", Named::Second, Decides::Argument(0), "writes"),
    channel_opcode("chnseti", Named::Second, Decides::Opcode(ChannelKind::Control), "writes"),
    channel_opcode("chnsetk", Named::Second, Decides::Opcode(ChannelKind::Control), "writes"),
    channel_opcode("chnseta", Named::Second, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnsets", Named::Second, Decides::Opcode(ChannelKind::Text), "writes"),
    channel_opcode("chnsetks", Named::Second, Decides::Opcode(ChannelKind::Text), "writes"),
    channel_opcode("chnmix", Named::Second, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnclear", Named::All, Decides::Opcode(ChannelKind::Audio), "writes"),
    channel_opcode("chnexport", Named::First, Decides::Output, "reads"),
    channel_opcode("chn_k", Named::First, Decides::Declaration(ChannelKind::Control), "reads"),
    channel_opcode("chn_a", Named::First, Decides::Declaration(ChannelKind::Audio), "reads"),
    channel_opcode("chn_S", Named::First, Decides::Declaration(ChannelKind::Text), "reads"),
    // The names that Csound 7 has besides.
    channel_opcode("chnk", Named::First, Decides::Declaration(ChannelKind::Control), "reads"),
    channel_opcode("chna", Named::First, Decides::Declaration(ChannelKind::Audio), "reads"),
    channel_opcode("chnS", Named::First, Decides::Declaration(ChannelKind::Text), "reads"),
    channel_opcode("invalue", Named::First, Decides::Output, "reads"),
    channel_opcode("outvalue", Named::First, Decides::Argument(1), "writes"),
    channel_opcode("cabbageGetValue", Named::First, Decides::Output, "reads"),
    channel_opcode(GET, Named::First, Decides::Output, "reads"),
    channel_opcode("cabbageSetValue", Named::First, Decides::Argument(1), "writes"),
];

/// A word of an orchestra.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Text(String),
    Symbol(char),
}

impl Token<'_> {
    fn is(&self, symbol: char) -> bool {
        *self == Token::Symbol(symbol)
    }
}

/// The next statement's words; `None` at the end.
fn statement<'a>(input: &mut Input<'a>) -> Option<Vec<Token<'a>>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut depth = 0_usize;
    loop {
        let Some(found) = input.peek() else {
            return if tokens.is_empty() { None } else { Some(tokens) };
        };
        match input.skip_comment() {
            Ok(true) => continue,
            Ok(false) => {}
            Err(_) => input.at = input.text.len(),
        }
        match found {
            '\n' | '\r' => {
                input.next();
                // A list goes on behind a comma, and what is in brackets to their end, unless that never comes.
                let goes_on = tokens.last().is_none_or(|token| token.is(','));
                if !goes_on && (depth == 0 || begins_block(input.rest())) {
                    return Some(tokens);
                }
            }
            '\\' => {
                input.next();
                let line = input.clone();
                input.skip_while(is_blank);
                let _ = input.skip_comment();
                input.skip_while(|next| next == '\r');
                if input.next() != Some('\n') {
                    *input = line;
                }
            }
            '"' => {
                if let Ok(inside) = quoted(input) {
                    tokens.push(Token::Text(inside.replace("\\\"", "\"").replace("\\\\", "\\")));
                }
            }
            '{' if input.second() == Some('{') => match long_text(input) {
                Ok(inside) => tokens.push(Token::Text(inside.to_owned())),
                Err(_) => input.at = input.text.len(),
            },
            _ if is_word(found) => tokens.push(Token::Word(input.word())),
            _ => {
                input.next();
                depth = match found {
                    '(' => depth + 1,
                    ')' => depth.saturating_sub(1),
                    _ => depth,
                };
                if !found.is_whitespace() {
                    tokens.push(Token::Symbol(found));
                }
            }
        }
    }
}

/// True if a line begins or ends an instrument or an opcode.
fn begins_block(line: &str) -> bool {
    let line = line.trim_start();
    let end = line.find(|next| !is_word(next)).unwrap_or(line.len());
    matches!(&line[..end], "instr" | "endin" | "opcode" | "endop")
}

/// The channels found so far.
#[derive(Default)]
struct Channels<'a> {
    channels: Vec<ScannedChannel>,
    /// What variables of Csound 7 are for a channel, as they were declared last: `name:S`.
    declared: HashMap<&'a str, ChannelKind>,
}

impl<'a> Channels<'a> {
    fn scan(&mut self, orchestra: &'a str) {
        let mut input = Input::new(orchestra);
        while let Some(tokens) = statement(&mut input) {
            self.declare(&tokens);
            for (index, token) in tokens.iter().enumerate() {
                let Token::Word(word) = token else { continue };
                if let Some(opcode) = CHANNEL_OPCODES.iter().find(|opcode| opcode.name == *word) {
                    self.call(opcode, &tokens, index);
                }
            }
        }
    }

    /// Takes the types of variables, arguments and members, and of what a loop goes through.
    fn declare(&mut self, tokens: &[Token<'a>]) {
        if let [Token::Word("for"), Token::Word(name), rest @ ..] = tokens
            && let Some(within) = rest.iter().position(|token| *token == Token::Word("in"))
        {
            let kind = self.kind_of_value(&rest[within + 1..]);
            self.declared.insert(name, kind);
        }
        for (index, token) in tokens.iter().enumerate() {
            let Token::Word(name) = token else { continue };
            let after = match &tokens[index + 1..] {
                [Token::Symbol('@'), Token::Word("global"), after @ ..] => after,
                after => after,
            };
            // What is called is a function with the type of its result.
            if let [Token::Symbol(':'), Token::Word(kind), after @ ..] = after
                && !after.first().is_some_and(|next| next.is('('))
                && let Some(kind) = kind_of_type(kind)
            {
                self.declared.insert(name, kind);
            }
        }
    }

    fn call(&mut self, opcode: &ChannelOpcode, tokens: &[Token<'a>], index: usize) {
        let mut after = &tokens[index + 1..];
        let mut output = tokens.first().map_or(ChannelKind::Control, |token| self.kind_of_variable(token));
        if let [Token::Symbol(':'), kind @ Token::Word(word), rest @ ..] = after {
            output = kind_of_type(word).unwrap_or_else(|| self.kind_of_variable(kind));
            after = rest;
        }
        let arguments = arguments(opcode, after);
        if opcode.name == GET && arguments.len() != 1 {
            return;
        }
        let kind = match opcode.decides {
            Decides::Opcode(kind) | Decides::Declaration(kind) => kind,
            Decides::Output => output,
            Decides::Argument(number) => {
                arguments.get(number).map_or(ChannelKind::Control, |tokens| self.kind_of_value(tokens))
            }
        };
        let declared = matches!(opcode.decides, Decides::Declaration(_));
        let (mut reads, mut writes) = (opcode.reads, opcode.writes);
        if declared || opcode.name == "chnexport" {
            // 1 is from the host, 2 to the host, 3 both.
            let mode = match arguments.get(1) {
                Some([Token::Word(digits)]) => digits.parse().unwrap_or(3_u32),
                _ => 3,
            };
            (reads, writes) = (mode & 1 != 0, mode & 2 != 0);
        }
        let named = match opcode.named {
            Named::First => arguments.get(..1),
            Named::Second => arguments.get(1..2),
            Named::All => Some(arguments.as_slice()),
        };
        for argument in named.unwrap_or_default() {
            match argument {
                [Token::Text(name)] => self.add(name, kind, reads, writes, declared),
                // These alone take a number for a name.
                [Token::Word(number)] if opcode.name.ends_with("value") && number.parse::<u16>().is_ok() => {
                    self.add(number, kind, reads, writes, declared);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, name: &str, kind: ChannelKind, reads: bool, writes: bool, declared: bool) {
        if name.is_empty() || name.contains('$') {
            return;
        }
        match self.channels.iter_mut().find(|channel| channel.name == name) {
            Some(channel) => {
                channel.reads |= reads;
                channel.writes |= writes;
                if declared {
                    channel.kind = kind;
                }
            }
            None => self.channels.push(ScannedChannel { name: name.to_owned(), kind, reads, writes }),
        }
    }

    /// The kind of a variable by its declaration, otherwise by its name.
    fn kind_of_variable(&self, token: &Token) -> ChannelKind {
        let Token::Word(name) = token else { return ChannelKind::Control };
        self.declared.get(name).copied().unwrap_or_else(|| kind_of_name(name))
    }

    /// The kind of a value: audio or a string, if any operand is.
    fn kind_of_value(&self, tokens: &[Token]) -> ChannelKind {
        let mut depth = 0_i32;
        let mut kind = ChannelKind::Control;
        for (index, token) in tokens.iter().enumerate() {
            depth += i32::from(token.is('(')) - i32::from(token.is(')'));
            if depth > 0 || kind != ChannelKind::Control {
                continue;
            }
            kind = match (token, &tokens[index + 1..]) {
                (Token::Text(_), _) => ChannelKind::Text,
                (Token::Word(_), [Token::Symbol(':'), Token::Word(annotation), ..]) => {
                    kind_of_type(annotation).unwrap_or(ChannelKind::Control)
                }
                // Of all functions, a() alone makes audio whatever it gets.
                (Token::Word("a"), [next, ..]) if next.is('(') => ChannelKind::Audio,
                (Token::Word("sprintf" | "sprintfk"), [next, ..]) if next.is('(') => ChannelKind::Text,
                (Token::Word(_), [next, ..]) if next.is('(') => ChannelKind::Control,
                (word @ Token::Word(_), _) => self.kind_of_variable(word),
                _ => ChannelKind::Control,
            };
        }
        kind
    }
}

/// The arguments of an opcode, or of a function: if a parenthesis follows, it is a function's,
/// unless it is no more than a first argument of an opcode that names the channel second.
fn arguments<'t, 'a>(opcode: &ChannelOpcode, after: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    if let Some((first, inside)) = after.split_first()
        && first.is('(')
    {
        let end = end_of_group(inside).unwrap_or(inside.len());
        let arguments = split_at_commas(&inside[..end]);
        if opcode.named != Named::Second || arguments.len() > 1 {
            return arguments;
        }
    }
    split_at_commas(&after[..end_of_group(after).unwrap_or(after.len())])
}

fn split_at_commas<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0;
    let split = tokens.split(|token| {
        depth += i32::from(token.is('(') || token.is('[')) - i32::from(token.is(')') || token.is(']'));
        depth == 0 && token.is(',')
    });
    split.collect()
}

/// The index of the word that closes the parenthesis around these words.
fn end_of_group(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_i32;
    tokens.iter().position(|token| {
        depth += i32::from(token.is('(')) - i32::from(token.is(')'));
        depth < 0
    })
}

/// The kind of a type, if it can go through a channel.
fn kind_of_type(name: &str) -> Option<ChannelKind> {
    match name {
        "a" => Some(ChannelKind::Audio),
        "S" => Some(ChannelKind::Text),
        "k" | "i" | "b" | "B" => Some(ChannelKind::Control),
        _ => None,
    }
}

/// The kind of a variable by its name.
fn kind_of_name(name: &str) -> ChannelKind {
    let name = match name.strip_prefix('g') {
        Some(global) if global.starts_with(['a', 'k', 'i', 'S', 'f', 'p']) => global,
        _ => name,
    };
    match name.chars().next() {
        Some('a') => ChannelKind::Audio,
        Some('S') => ChannelKind::Text,
        _ => ChannelKind::Control,
    }
}

#[cfg(test)]
mod tests;
