//! The parts of a parsed program, for walking through it.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Pattern, Term};
use jaq_core::path::Part;

/// The terms directly inside a term.
pub(super) fn children<'t, 's>(term: &'t Term<&'s str>) -> Vec<&'t Term<&'s str>> {
    match term {
        Term::Id
        | Term::Recurse
        | Term::Num(_)
        | Term::Var(_)
        | Term::Break(_)
        | Term::Arr(None) => Vec::new(),
        Term::Str(_, parts) => parts
            .iter()
            .filter_map(|part| match part {
                StrPart::Term(term) => Some(term),
                _ => None,
            })
            .collect(),
        Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => vec![inner],
        Term::Obj(entries) => entries
            .iter()
            .flat_map(|(key, value)| std::iter::once(key).chain(value))
            .collect(),
        Term::BinOp(left, operator, right) => {
            let mut terms: Vec<&Term<&str>> = vec![left, right];
            if let BinaryOp::Pipe(Some(pattern)) = operator {
                keys(pattern, &mut terms);
            }
            terms
        }
        Term::Fold(_, source, pattern, arguments) => {
            let mut terms: Vec<&Term<&str>> = vec![source];
            terms.extend(arguments);
            keys(pattern, &mut terms);
            terms
        }
        Term::TryCatch(body, catch) => std::iter::once(&**body).chain(catch.as_deref()).collect(),
        Term::IfThenElse(branches, otherwise) => branches
            .iter()
            .flat_map(|(condition, body)| [condition, body])
            .chain(otherwise.as_deref())
            .collect(),
        Term::Def(definitions, body) => definitions
            .iter()
            .map(|definition| &definition.body)
            .chain([&**body])
            .collect(),
        Term::Call(_, arguments) => arguments.iter().collect(),
        Term::Path(head, path) => {
            let parts = path.0.iter().flat_map(|(part, _)| match part {
                Part::Index(term) => vec![term],
                Part::Range(from, to) => from.iter().chain(to).collect(),
            });
            std::iter::once(&**head).chain(parts).collect()
        }
    }
}

/// Levels of a program. Each costs the interpreter some stack before any check can run.
pub(super) fn depth(term: &Term<&str>) -> usize {
    1 + children(term).into_iter().map(depth).max().unwrap_or(0)
}

fn keys<'t, 's>(pattern: &'t Pattern<&'s str>, terms: &mut Vec<&'t Term<&'s str>>) {
    match pattern {
        Pattern::Var(_) => {}
        Pattern::Arr(items) => items.iter().for_each(|item| keys(item, terms)),
        Pattern::Obj(entries) => {
            for (key, pattern) in entries {
                terms.push(key);
                keys(pattern, terms);
            }
        }
    }
}
