//! Inserts the checks of the meter into a parsed program.
//!
//! Every place where a program can go round, go deeper or make something large gets a call of a native whose name cannot
//! be written in a program. They are transparent to paths (`path(f)`, `f |= g`) and keep tail calls in tail position.

use super::library::{DEEP, GENERATORS, is_native};
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::ops::Math;
use jaq_core::path::{Part, Path};

/// Enters the body of a definition or of a fold.
pub(super) const ENTER: &str = "!enter";
/// One step; stands before right sides and after generators.
pub(super) const TICK: &str = "!tick";
/// Pays for a value that was just made.
pub(super) const MADE: &str = "!made";
/// Pays for a value that may have grown.
pub(super) const GROWN: &str = "!grown";
/// Walks through a value before natives do.
pub(super) const WEIGH: &str = "!weigh";
/// Multiplication that looks before it leaps.
pub(super) const MULTIPLY: &str = "!multiply";
/// Binds the right side of an arithmetic update.
const OPERAND: &str = "$!operand";

type T<'s> = Term<&'s str>;

/// The program with checks.
pub(super) fn instrument<'s>(term: T<'s>) -> T<'s> {
    match term {
        Term::Id | Term::Num(_) | Term::Var(_) | Term::Break(_) => term,
        Term::Recurse => then(Term::Recurse, TICK),
        Term::Str(format, parts) => text(format, parts),
        Term::Arr(None) => term,
        Term::Arr(Some(inner)) => then(Term::Arr(boxed(*inner).into()), WEIGH),
        Term::Obj(entries) if entries.is_empty() => Term::Obj(entries),
        Term::Obj(entries) => {
            let entry = |(key, value): (T<'s>, Option<T<'s>>)| match value {
                None => (instrument_key(key), None),
                value => (instrument_key(key), value.map(instrument)),
            };
            then(Term::Obj(entries.into_iter().map(entry).collect()), WEIGH)
        }
        Term::Neg(inner) => Term::Neg(boxed(*inner)),
        Term::BinOp(left, operator, right) => operation(*left, operator, *right),
        Term::Label(name, inner) => Term::Label(name, boxed(*inner)),
        Term::Fold(name, source, pattern, arguments) => {
            let argument = |(index, term)| {
                if index == 0 {
                    instrument(term)
                } else {
                    entered(instrument(term))
                }
            };
            let arguments = arguments.into_iter().enumerate().map(argument).collect();
            Term::Fold(name, boxed(*source), instrument_pattern(pattern), arguments)
        }
        Term::TryCatch(body, catch) => {
            Term::TryCatch(boxed(*body), catch.map(|catch| boxed(*catch)))
        }
        Term::IfThenElse(branches, otherwise) => {
            let branch = |(condition, body)| (instrument(condition), instrument(body));
            let branches = branches.into_iter().map(branch).collect();
            Term::IfThenElse(branches, otherwise.map(|otherwise| boxed(*otherwise)))
        }
        Term::Def(definitions, body) => Term::Def(
            definitions.into_iter().map(instrument_definition).collect(),
            boxed(*body),
        ),
        Term::Call(name, arguments) => call(name, arguments),
        Term::Path(head, path) => {
            let iterates = path
                .0
                .iter()
                .any(|(part, _)| matches!(part, Part::Range(None, None)));
            let term = Term::Path(
                boxed(*head),
                Path(
                    path.0
                        .into_iter()
                        .map(|(part, opt)| (index(part), opt))
                        .collect(),
                ),
            );
            if iterates { then(term, TICK) } else { term }
        }
    }
}

/// A definition with checks in its body.
pub(super) fn instrument_definition(definition: Def<&str>) -> Def<&str> {
    let body = entered(instrument(definition.body));
    Def { body, ..definition }
}

fn operation<'s>(left: T<'s>, operator: BinaryOp<&'s str>, right: T<'s>) -> T<'s> {
    let (left, right) = (instrument(left), instrument(right));
    match operator {
        BinaryOp::Pipe(None) => pipe(left, ticked(right)),
        BinaryOp::Pipe(Some(pattern)) => binary(
            left,
            BinaryOp::Pipe(Some(instrument_pattern(pattern))),
            ticked(right),
        ),
        BinaryOp::Math(math) => arithmetic(left, math, right),
        BinaryOp::Cmp(_) => binary(weighed(left), operator, weighed(right)),
        BinaryOp::Assign | BinaryOp::Update | BinaryOp::UpdateAlt => {
            then(binary(left, operator, right), GROWN)
        }
        BinaryOp::UpdateMath(math) => {
            let updated = arithmetic(Term::Id, math, Term::Var(OPERAND));
            let update = then(binary(left, BinaryOp::Update, updated), GROWN);
            binary(
                right,
                BinaryOp::Pipe(Some(Pattern::Var(OPERAND))),
                ticked(update),
            )
        }
        BinaryOp::Comma | BinaryOp::Alt | BinaryOp::Or | BinaryOp::And => {
            binary(left, operator, right)
        }
    }
}

fn arithmetic<'s>(left: T<'s>, math: Math, right: T<'s>) -> T<'s> {
    match math {
        Math::Add => then(binary(left, BinaryOp::Math(math), right), GROWN),
        Math::Mul => then(Term::Call(MULTIPLY, vec![left, right]), GROWN),
        Math::Sub | Math::Div | Math::Rem => then(
            binary(weighed(left), BinaryOp::Math(math), weighed(right)),
            MADE,
        ),
    }
}

fn call<'s>(name: &'s str, arguments: Vec<T<'s>>) -> T<'s> {
    let arity = arguments.len();
    let arguments: Vec<T<'s>> = arguments.into_iter().map(instrument).collect();
    if !is_native(name, arity) {
        return Term::Call(name, arguments);
    }
    if GENERATORS.contains(&name) {
        return then(Term::Call(name, arguments), TICK);
    }
    if DEEP.contains(&name) {
        let arguments = arguments.into_iter().map(weighed).collect();
        return pipe(
            Term::Call(WEIGH, Vec::new()),
            then(Term::Call(name, arguments), MADE),
        );
    }
    then(Term::Call(name, arguments), MADE)
}

fn text<'s>(format: Option<&'s str>, parts: Vec<StrPart<&'s str, T<'s>>>) -> T<'s> {
    let interpolates = parts.iter().any(|part| matches!(part, StrPart::Term(_)));
    let part = |part| match part {
        StrPart::Term(term) => StrPart::Term(weighed(instrument(term))),
        other => other,
    };
    let text = Term::Str(format, parts.into_iter().map(part).collect());
    if interpolates { then(text, MADE) } else { text }
}

/// Keys are hashed, so a key that is a container must be weighed; a plain one stays as it is, for `{a}` and `{$a}`.
fn instrument_key<'s>(key: T<'s>) -> T<'s> {
    if is_plain(&key) || matches!(key, Term::Var(_)) {
        key
    } else {
        weighed(instrument(key))
    }
}

fn instrument_pattern(pattern: Pattern<&str>) -> Pattern<&str> {
    match pattern {
        Pattern::Var(name) => Pattern::Var(name),
        Pattern::Arr(items) => Pattern::Arr(items.into_iter().map(instrument_pattern).collect()),
        Pattern::Obj(entries) => {
            let entry = |(key, pattern)| (instrument_key(key), instrument_pattern(pattern));
            Pattern::Obj(entries.into_iter().map(entry).collect())
        }
    }
}

fn index<'s>(part: Part<T<'s>>) -> Part<T<'s>> {
    let index = |term: T<'s>| {
        if is_plain(&term) {
            term
        } else {
            weighed(instrument(term))
        }
    };
    match part {
        Part::Index(term) => Part::Index(index(term)),
        Part::Range(from, to) => Part::Range(from.map(index), to.map(index)),
    }
}

fn is_plain(term: &T<'_>) -> bool {
    match term {
        Term::Num(_) => true,
        Term::Str(None, parts) => !parts.iter().any(|part| matches!(part, StrPart::Term(_))),
        _ => false,
    }
}

fn weighed<'s>(term: T<'s>) -> T<'s> {
    if is_plain(&term) {
        term
    } else {
        then(term, WEIGH)
    }
}

/// Bodies of definitions and folds: each round may keep its state on the heap until the program ends.
fn entered<'s>(term: T<'s>) -> T<'s> {
    pipe(Term::Call(ENTER, Vec::new()), term)
}

fn ticked<'s>(term: T<'s>) -> T<'s> {
    pipe(Term::Call(TICK, Vec::new()), term)
}

fn then<'s>(term: T<'s>, check: &'static str) -> T<'s> {
    pipe(term, Term::Call(check, Vec::new()))
}

fn pipe<'s>(left: T<'s>, right: T<'s>) -> T<'s> {
    binary(left, BinaryOp::Pipe(None), right)
}

fn binary<'s>(left: T<'s>, operator: BinaryOp<&'s str>, right: T<'s>) -> T<'s> {
    Term::BinOp(Box::new(left), operator, Box::new(right))
}

fn boxed<'s>(term: T<'s>) -> Box<T<'s>> {
    Box::new(instrument(term))
}
