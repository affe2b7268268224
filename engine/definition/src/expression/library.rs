//! The functions that expressions may call: jq's own without the impure ones, and a few for municipal work.

use super::children::children;
use super::instrument::{ENTER, GROWN, MADE, MULTIPLY, TICK, WEIGH, instrument_definition};
use super::meter::{Meter, Run};
use super::municipal;
use crate::data::Data;
use jaq_core::box_iter::box_once;
use jaq_core::load;
use jaq_core::load::parse::{Def, Term};
use jaq_core::native::{Fun, bome, v};
use jaq_core::{DataT, Error, Exn, Native};
use jaq_json::Val;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// Ties the interpreter to our values and our meter.
pub(super) struct Machine;

impl DataT for Machine {
    type V<'a> = Val;
    type Data<'a> = Run<'a>;
}

/// The main program: it calls the expression, which stands among the definitions because only those can be handed over
/// as a parsed program.
pub(super) const ENTRY: &str = "main__";

/// Natives of which each output is a step.
pub(super) const GENERATORS: &[&str] = &["range", "first", "last", "limit", "skip"];

/// Natives that walk through whole values.
pub(super) const DEEP: &[&str] = &[
    "tojson",
    "sort",
    "sort_by",
    "group_by",
    "min_by_or_empty",
    "max_by_or_empty",
    "has",
    "bsearch",
    "tobytes",
    "error_empty",
];

/// Not pure, or useless without a terminal.
const REFUSED: &[&str] = &[
    "now",
    "env",
    "localtime",
    "strflocaltime",
    "halt",
    "halt_error",
    "input",
    "inputs",
    "input_line_number",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
];

/// Metered definitions in place of natives; they stand before jq's own, which call them.
const METERED: &str = "
def contains($x): pairs__($x) | contains__($x);
def indices($x): pairs__($x) | indices__($x);
";

/// The definitions that a program needs, the program itself last, under the name of [`ENTRY`].
pub(super) fn definitions<'s>(main: Term<&'s str>) -> Vec<Def<&'s str>> {
    let prelude = prelude();
    let mut needed = BTreeSet::new();
    let mut open = calls(&main);
    while let Some(name) = open.pop_first() {
        if let (Some(uses), true) = (prelude.uses.get(name), needed.insert(name.to_owned())) {
            open.extend(uses.iter().copied());
        }
    }
    let needed = |definition: &&Def| needed.contains(definition.name);
    let mut definitions: Vec<Def<&'s str>> =
        prelude.definitions.iter().filter(needed).cloned().collect();
    definitions.push(Def {
        name: ENTRY,
        args: Vec::new(),
        body: main,
    });
    definitions
}

/// Names of the functions that an expression may call, in order; those for the machinery left out.
pub(crate) fn function_names() -> Vec<&'static str> {
    static NAMES: OnceLock<Vec<&'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let defined = prelude().definitions.iter().map(|def| def.name);
        let all = defined.chain(functions().map(|(name, ..)| name));
        let plain: BTreeSet<&str> = all
            .filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()))
            .filter(|name| !name.contains("__") && !name.ends_with("_empty"))
            .collect();
        plain.into_iter().collect()
    });
    names.clone()
}

/// Whether a name is a native of this arity.
pub(super) fn is_native(name: &str, arity: usize) -> bool {
    static NAMES: OnceLock<BTreeSet<(&'static str, usize)>> = OnceLock::new();
    NAMES
        .get_or_init(|| {
            functions()
                .map(|(name, arguments, _)| (name, arguments.len()))
                .collect()
        })
        .contains(&(name, arity))
}

/// All natives.
pub(super) fn functions() -> impl Iterator<Item = Fun<Machine>> {
    let theirs = jaq_core::funs()
        .chain(jaq_std::funs())
        .chain(jaq_json::funs());
    let theirs = theirs
        .filter(|(name, ..)| !REFUSED.contains(name))
        .filter_map(|(name, arguments, native)| match name {
            "contains" => Some(("contains__", arguments, native)),
            "indices" => Some(("indices__", arguments, native)),
            "fromjson" => None,
            _ => Some((name, arguments, native)),
        });
    theirs
        .chain(checks())
        .chain(ours())
        .chain(municipal::natives())
}

struct Prelude {
    definitions: Vec<Def>,
    uses: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

fn prelude() -> &'static Prelude {
    static PRELUDE: OnceLock<Prelude> = OnceLock::new();
    PRELUDE.get_or_init(|| {
        let parse = |text| load::parse(text, |parser| parser.defs()).unwrap_or_default();
        let theirs = jaq_core::defs()
            .chain(jaq_std::defs())
            .chain(jaq_json::defs());
        let definitions: Vec<Def> = parse(METERED)
            .into_iter()
            .chain(theirs)
            .chain(parse(municipal::DEFINED))
            .filter(|definition| !REFUSED.contains(&definition.name))
            .map(instrument_definition)
            .collect();
        let mut uses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for definition in &definitions {
            uses.entry(definition.name)
                .or_default()
                .extend(calls(&definition.body));
        }
        Prelude { definitions, uses }
    })
}

/// The natives that carry the meter.
fn checks() -> impl Iterator<Item = Fun<Machine>> {
    let check = |name, native| (name, v(0), native);
    macro_rules! transparent {
        ($check:expr) => {
            Native::<Machine>::new(|cv| box_once($check(cv.0.data().meter, &cv.1).map(|()| cv.1)))
                .with_paths(|cv| box_once($check(cv.0.data().meter, &cv.1.0).map(|()| cv.1)))
                .with_update(|cv, update| match $check(cv.0.data().meter, &cv.1) {
                    Ok(()) => update(cv.1),
                    Err(exception) => box_once(Err(exception)),
                })
        };
    }
    let multiply = Native::<Machine>::new(|mut cv| {
        let right = cv.0.pop_var();
        let left = cv.0.pop_var();
        let checked = cv.0.data().meter.check_product(&left, &right);
        box_once(checked.and_then(|()| (left * right).map_err(Exn::from)))
    });
    let pairs = Native::<Machine>::new(|mut cv| {
        let other = cv.0.pop_var();
        box_once(cv.0.data().meter.check_pairs(&cv.1, &other).map(|()| cv.1))
    });
    [
        check(
            ENTER,
            transparent!(|meter: &Meter<'_>, _: &Val| meter.enter()),
        ),
        check(
            TICK,
            transparent!(|meter: &Meter<'_>, _: &Val| meter.tick()),
        ),
        check(MADE, transparent!(Meter::made)),
        check(GROWN, transparent!(Meter::grown)),
        check(WEIGH, transparent!(Meter::weigh)),
        (MULTIPLY, v(2), multiply),
        ("pairs__", v(1), pairs),
    ]
    .into_iter()
}

/// Natives in place of jq's own.
fn ours() -> impl Iterator<Item = Fun<Machine>> {
    let fromjson = Native::<Machine>::new(|cv| bome(from_json(&cv.1)));
    [("fromjson", v(0), fromjson)].into_iter()
}

/// jq's own recurses without a limit.
fn from_json(value: &Val) -> Result<Val, Error<Val>> {
    let Val::TStr(bytes) = value else {
        return Err(Error::typ(value.clone(), "string"));
    };
    serde_json::from_slice::<Data>(bytes)
        .map(|data| data.0)
        .map_err(|error| Error::str(format_args!("cannot parse {value} as JSON: {error}")))
}

/// The names that a program calls.
fn calls<'s>(term: &Term<&'s str>) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    collect(term, &mut names);
    names
}

fn collect<'s>(term: &Term<&'s str>, names: &mut BTreeSet<&'s str>) {
    match term {
        Term::Call(name, _) | Term::Str(Some(name), _) => {
            names.insert(name);
        }
        _ => {}
    }
    for child in children(term) {
        collect(child, names);
    }
}
