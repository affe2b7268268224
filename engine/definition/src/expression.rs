//! jq expressions: compiled once, run under a meter.
//!
//! Expressions are pure. What reads the clock, the environment or an input stream does not exist here, so the same input
//! and the same variables always give the same result. The interpreter itself knows no limits; [`instrument`] therefore
//! inserts checks into the parsed program, and [`meter`] decides there whether it may go on.

mod children;
mod instrument;
mod library;
mod meter;
mod municipal;

use crate::codes;
use crate::data::{Data, canonical};
use crate::diagnostic::{Diagnostic, Position};
use crate::say;
use crate::sentence::Sentence;
use jaq_core::load::{self, Arena, File, Loader, lex, parse};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::Val;
use jiff::tz::TimeZone;
use library::Machine;
pub(crate) use library::function_names;
pub(crate) use meter::Scale;
pub use meter::{Limits, Tank};
use meter::{Meter, Run};
use std::fmt;
use std::sync::Arc;

/// A compiled expression. Cheap to clone.
#[derive(Clone)]
pub struct Expression(Arc<Compiled>);

struct Compiled {
    text: String,
    filter: jaq_core::Filter<Machine>,
    /// The variables that the text mentions, in the order in which the program expects them.
    variables: Vec<String>,
}

/// Why an expression gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// The expression itself failed, or called `error`.
    #[error("{0}")]
    Failed(String),
    /// It used more than it may.
    #[error("the expression used more {0} than allowed")]
    Exhausted(&'static str),
    /// It gave more than one value; `[ … ]` around it makes a list of them.
    #[error("the expression gave more than one value")]
    ManyValues,
    /// The value is nested deeper, or is larger, than a run may keep.
    #[error("the value is nested deeper or larger than allowed")]
    TooLarge,
}

/// Where an expression finds its variables.
pub trait Variables {
    /// The value of a variable, named without `$`.
    fn variable(&self, name: &str) -> Data;

    /// In which time zone moments are dates; Danish time where nothing is said.
    fn zone(&self) -> Option<&TimeZone> {
        None
    }

    /// What the evaluation shares with others, where it does: then it may use no more than is left there.
    fn tank(&self) -> Option<&Tank> {
        None
    }
}

impl<F: Fn(&str) -> Data> Variables for F {
    fn variable(&self, name: &str) -> Data {
        self(name)
    }
}

/// No variables at all.
pub struct NoVariables;

impl Variables for NoVariables {
    fn variable(&self, _name: &str) -> Data {
        Data::NULL
    }
}

/// Longest expression in bytes.
const LONGEST: usize = 8 * 1024;
/// Deepest nesting of brackets.
const DEEPEST: usize = 64;
/// Most levels of operators and brackets together.
const MOST_LEVELS: usize = 128;
/// Most words and signs; each may cost a level of the parser's recursion.
const MOST_TOKENS: usize = 500;

impl Expression {
    /// Compiles an expression without variables. `at` is the place of its first character.
    pub fn compile(text: &str, at: Position) -> Result<Self, Diagnostic> {
        Self::with_variables(text, at, &[])
    }

    /// Compiles an expression that may use these variables, named without `$`.
    pub fn with_variables(text: &str, at: Position, names: &[&str]) -> Result<Self, Diagnostic> {
        check_size(text, at)?;
        let term = parse_term(text, at)?;
        if children::depth(&term) > MOST_LEVELS {
            let message = say!(
                "the expression has more than {most} levels",
                most = MOST_LEVELS
            );
            return Err(Diagnostic::new(at, &codes::EXPRESSION_TOO_LARGE, message));
        }
        let mentioned: Vec<String> = names
            .iter()
            .filter(|name| text.contains(&format!("${name}")))
            .map(|name| format!("${name}"))
            .collect();
        let arena = Arena::default();
        let program = File {
            code: library::ENTRY,
            path: (),
        };
        let modules = Loader::new(library::definitions(instrument::instrument(term)))
            .load(&arena, program)
            .map_err(|_| {
                Diagnostic::new(
                    at,
                    &codes::EXPRESSION_SYNTAX,
                    "the expression cannot be loaded",
                )
            })?;
        let filter = Compiler::default()
            .with_funs(library::functions())
            .with_global_vars(mentioned.iter().map(String::as_str))
            .compile(modules)
            .map_err(|errors| undefined(text, at, &errors))?;
        let variables = mentioned.iter().map(|name| name[1..].to_owned()).collect();
        Ok(Self(Arc::new(Compiled {
            text: text.to_owned(),
            filter,
            variables,
        })))
    }

    /// The text of the expression.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The variables that the expression mentions, named without `$`.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.variables.iter().map(String::as_str)
    }

    /// Runs the expression. No value is `null`.
    ///
    /// # Errors
    /// When it fails, exceeds the limits, or gives more than one value.
    pub fn evaluate(
        &self,
        input: &Data,
        variables: &dyn Variables,
        limits: &Limits,
    ) -> Result<Data, EvaluationError> {
        let tank = variables.tank();
        let meter = Meter::new(limits, tank);
        let result = self.run(input, variables, &meter);
        match tank.map(|tank| meter.settle(tank)) {
            Some(false) if result.is_ok() => Err(EvaluationError::Exhausted("memory")),
            _ => result,
        }
    }

    fn run(
        &self,
        input: &Data,
        variables: &dyn Variables,
        meter: &Meter<'_>,
    ) -> Result<Data, EvaluationError> {
        let values: Vec<Val> = self
            .variables()
            .map(|name| variables.variable(name).0)
            .collect();
        let run = Run {
            lut: &self.0.filter.lut,
            meter,
            zone: variables.zone().unwrap_or_else(|| municipal::zone()),
        };
        let context = Ctx::<Machine>::new(run, Vars::new(values));
        let mut results = self.0.filter.id.run((context, input.0.clone()));
        let value = match results.next() {
            None => return Ok(Data::NULL),
            Some(Ok(value)) => value,
            Some(Err(exception)) => return Err(meter.explain(exception)),
        };
        match results.next() {
            None => {}
            Some(Ok(_)) => return Err(EvaluationError::ManyValues),
            Some(Err(exception)) => return Err(meter.explain(exception)),
        }
        meter
            .weigh(&value)
            .map_err(|exception| meter.explain(exception))?;
        Ok(Data(canonical(value)))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({:?})", self.0.text)
    }
}

/// What stands between `${` and `}`, with its offset in characters, if the whole text is one runtime expression.
pub fn enclosed(text: &str) -> Option<(&str, usize)> {
    let leading = text.chars().take_while(|c| c.is_whitespace()).count();
    let inner = text.trim().strip_prefix("${")?.strip_suffix('}')?;
    Some((inner, leading + 2))
}

fn check_size(text: &str, at: Position) -> Result<(), Diagnostic> {
    let too_large = |what: Sentence| Err(Diagnostic::new(at, &codes::EXPRESSION_TOO_LARGE, what));
    if text.len() > LONGEST {
        return too_large(say!(
            "the expression is longer than {most} bytes",
            most = LONGEST
        ));
    }
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return too_large(say!(
                "the expression nests deeper than {most} brackets",
                most = DEEPEST
            ));
        }
    }
    Ok(())
}

fn parse_term(text: &str, at: Position) -> Result<parse::Term<&str>, Diagnostic> {
    let syntax = |part: &str, expected: &str| {
        let found = if part.is_empty() {
            "the end"
        } else {
            part.split_whitespace().next().unwrap_or(part)
        };
        let message = say!("expected {expected}, found `{found}`", expected, found);
        Diagnostic::new(place(text, part, at), &codes::EXPRESSION_SYNTAX, message)
    };
    let tokens = lex::Lexer::new(text)
        .lex()
        .map_err(|errors| match errors.first() {
            Some((expected, part)) => syntax(part, expected.as_str()),
            None => syntax("", "an expression"),
        })?;
    if count(&tokens) > MOST_TOKENS {
        let message = say!(
            "the expression has more than {most} words and signs",
            most = MOST_TOKENS
        );
        return Err(Diagnostic::new(at, &codes::EXPRESSION_TOO_LARGE, message));
    }
    parse::Parser::new(&tokens)
        .parse(|parser| parser.term())
        .map_err(|errors| match errors.first() {
            Some((expected, Some(token))) => syntax(token.0, expected.as_str()),
            Some((expected, None)) => syntax(&text[text.len()..], expected.as_str()),
            None => syntax("", "an expression"),
        })
}

fn count(tokens: &[lex::Token<&str>]) -> usize {
    let inside = |token: &lex::Token<&str>| match &token.1 {
        lex::Tok::Block(tokens) => count(tokens),
        lex::Tok::Str(parts) => parts
            .iter()
            .map(|part| match part {
                lex::StrPart::Term(token) => count(std::slice::from_ref(token)),
                _ => 1,
            })
            .sum(),
        _ => 0,
    };
    tokens.iter().map(|token| 1 + inside(token)).sum()
}

fn undefined(text: &str, at: Position, errors: &jaq_core::compile::Errors<&str, ()>) -> Diagnostic {
    let first = errors.iter().flat_map(|(_, errors)| errors).next();
    let Some((name, kind)) = first else {
        return Diagnostic::new(
            at,
            &codes::EXPRESSION_UNKNOWN,
            "the expression cannot be compiled",
        );
    };
    let message = say!(
        "there is no {kind} `{name}` here",
        kind = kind.as_str(),
        name
    );
    let diagnostic = Diagnostic::new(place(text, name, at), &codes::EXPRESSION_UNKNOWN, message);
    match *name {
        "now" | "localtime" | "strflocaltime" => diagnostic
            .with_hint("expressions are pure; use `$workflow.startedAt` or `$task.startedAt`"),
        "env" | "$ENV" | "input" | "inputs" | "halt" | "halt_error" | "debug" | "stderr" => {
            diagnostic.with_hint("expressions are pure: they see only their input and variables")
        }
        _ => diagnostic,
    }
}

/// The place of a part of the text, or of the text itself if the part lies elsewhere.
fn place(text: &str, part: &str, at: Position) -> Position {
    let inside = text.as_bytes().as_ptr_range();
    let start = part.as_ptr();
    if start < inside.start || start > inside.end {
        return at;
    }
    let before = &text[..load::span(text, part).start.min(text.len())];
    let breaks = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap_or(before).chars().count();
    let last = u32::try_from(last).unwrap_or(u32::MAX);
    let breaks = u32::try_from(breaks).unwrap_or(u32::MAX);
    Position {
        line: at.line + breaks,
        column: if breaks == 0 {
            at.column + last
        } else {
            last + 1
        },
    }
}

#[cfg(test)]
mod tests;
