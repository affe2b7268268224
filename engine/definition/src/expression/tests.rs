//! Tests of expressions: what they may do, what stops them, where their findings point.

use super::*;
use serde_json::{Value, json};
use std::time::Instant;

fn at(column: u32) -> Position {
    Position { line: 1, column }
}

fn run(text: &str, input: Value) -> Result<Value, EvaluationError> {
    let expression =
        Expression::compile(text, at(1)).unwrap_or_else(|finding| panic!("{text}: {finding}"));
    expression
        .evaluate(&Data::from_json(&input), &NoVariables, &Limits::default())
        .map(|data| data.to_json())
}

#[test]
fn expressions_mean_what_jq_means() {
    let cases = [
        (".a.b", json!({"a": {"b": 1}}), json!(1)),
        ("[.[] | select(. > 1)] | length", json!([1, 2, 3]), json!(2)),
        ("map(.x) | add", json!([{"x": 1}, {"x": 2}]), json!(3)),
        (r#""case \(.no)!""#, json!({"no": 7}), json!("case 7!")),
        (
            ".a |= . + 1 | .b += 2 | .c *= 3 | .d //= 4",
            json!({"a": 1, "b": 1, "c": 1}),
            json!({"a":2,"b":3,"c":3,"d":4}),
        ),
        ("[limit(3; range(10))]", json!(null), json!([0, 1, 2])),
        (
            "[.[] as [$x, {y: $z}] | $x + $z]",
            json!([[1, {"y": 2}]]),
            json!([3]),
        ),
        ("[paths]", json!({"a": [0]}), json!([["a"], ["a", 0]])),
        (
            "path(first(.[] | select(. > 1)))",
            json!([1, 2, 3]),
            json!([1]),
        ),
        (
            "to_entries",
            json!({"a": 1}),
            json!([{"key": "a", "value": 1}]),
        ),
        ("[until(. > 100; . * 2)]", json!(1), json!([128])),
        (
            "reduce range(10000) as $i (0; . + $i)",
            json!(null),
            json!(49_995_000),
        ),
        (
            "def f: if . >= 10000 then . else . + 1 | f end; f",
            json!(0),
            json!(10000),
        ),
        ("contains({a: [1]})", json!({"a": [1, 2]}), json!(true)),
        ("index(\",\")", json!("a,b"), json!(1)),
        (
            "group_by(.k) | map(length)",
            json!([{"k": 1}, {"k": 2}, {"k": 1}]),
            json!([2, 1]),
        ),
        ("\"1.5\" | tonumber", json!(null), json!(1.5)),
        ("try error(\"x\") catch .", json!(null), json!("x")),
        (".missing", json!({}), json!(null)),
        ("empty", json!(1), json!(null)),
        (
            ".. |= (if type == \"number\" then . + 1 else . end)",
            json!([1, [2]]),
            json!([2, [3]]),
        ),
        ("@base64 \"x\\(.)\"", json!("hej"), json!("xaGVq")),
        ("test(\"^[0-9]+$\")", json!("123"), json!(true)),
        ("{a} | .a", json!({"a": 5}), json!(5)),
    ];
    for (text, input, expected) in cases {
        assert_eq!(run(text, input), Ok(expected), "{text}");
    }
}

#[test]
fn municipal_functions() {
    for (text, input, expected) in [
        ("mask_phone", json!("+4512345678"), json!("*******5678")),
        ("mask_cpr", json!("010203-1234"), json!("010203-****")),
        (
            "mask_email",
            json!("anna@borger.example"),
            json!("a***@borger.example"),
        ),
        ("mask_email", json!("ingen adresse"), json!("***")),
        (
            "fmt_date",
            json!("2026-12-31T23:30:00Z"),
            json!("01.01.2027"),
        ),
        ("fmt_date", json!("2026-12-24"), json!("24.12.2026")),
        (
            "fmt_time",
            json!("2026-07-01T12:05:00Z"),
            json!("01.07.2026 kl. 14.05"),
        ),
        ("fmt_phone", json!("+4512345678"), json!("12 34 56 78")),
        (
            "fmt_phone",
            json!("+46 8 123 45 67"),
            json!("+46 8 123 45 67"),
        ),
        ("fmt_amount", json!(1234567.5), json!("1.234.567,50 kr.")),
        ("fmt_amount", json!(-999), json!("-999,00 kr.")),
        ("fmt_amount", json!(-0.001), json!("0,00 kr.")),
        ("is_cvr", json!("10150817"), json!(true)),
        ("is_cvr", json!("10150818"), json!(false)),
        ("week_number", json!("2027-01-01"), json!(53)),
        // Whit Monday and Christmas; the day of the constitution is no public holiday.
        ("is_workday", json!("2026-05-25"), json!(false)),
        ("is_workday", json!("2026-12-25"), json!(false)),
        ("is_workday", json!("2026-06-05"), json!(true)),
        // *Store bededag*, a public holiday until 2023.
        ("is_workday", json!("2023-05-05"), json!(false)),
        ("is_workday", json!("2024-04-26"), json!(true)),
        // Over Easter 2026: Thursday, Friday and Monday are days off.
        ("add_workdays(1)", json!("2026-04-01"), json!("2026-04-07")),
        ("add_workdays(-1)", json!("2026-04-07"), json!("2026-04-01")),
        ("add_workdays(0)", json!("2026-04-05"), json!("2026-04-05")),
        (
            "workdays_between(.from; .to)",
            json!({ "from": "2026-03-30", "to": "2026-04-07" }),
            json!(3),
        ),
        (
            "workdays_between(.to; .from)",
            json!({ "from": "2026-04-01", "to": "2026-04-07" }),
            json!(-1),
        ),
    ] {
        assert_eq!(run(text, input.clone()), Ok(expected), "{input} | {text}");
    }
    for (text, input) in [
        ("fmt_date", json!("2026-02-30")),
        ("fmt_amount", json!("12")),
        ("add_workdays(1.5)", json!("2026-04-01")),
        ("add_workdays(99999)", json!("2026-04-01")),
        ("workdays_between(\"1900-01-01\"; .)", json!("2026-04-01")),
    ] {
        let answer = run(text, input.clone());
        assert!(answer.is_err(), "{input} | {text}: {answer:?}");
    }
}

#[test]
fn results_are_canonical() {
    let expression = Expression::compile("{b: 1.0, a: 1e2, c: nan}", at(1)).unwrap();
    let data = expression
        .evaluate(&Data::NULL, &NoVariables, &Limits::default())
        .unwrap();
    assert_eq!(
        serde_json::to_string(&data).unwrap(),
        r#"{"a":100,"b":1,"c":null}"#
    );
}

#[test]
fn variables_come_from_the_caller() {
    let expression =
        Expression::with_variables("$context.a + $input", at(1), &["context", "input", "task"])
            .unwrap();
    assert_eq!(
        expression.variables().collect::<Vec<_>>(),
        ["context", "input"]
    );
    let variables = |name: &str| match name {
        "context" => Data::from_json(&json!({"a": 40})),
        _ => Data::from(2),
    };
    assert_eq!(
        expression.evaluate(&Data::NULL, &variables, &Limits::default()),
        Ok(Data::from(42))
    );
}

#[test]
fn impure_functions_do_not_exist() {
    for text in [
        "now",
        "env",
        "$ENV",
        "input",
        "inputs",
        "halt",
        "halt_error",
        "debug",
        "stderr",
        "localtime",
        "debug(1)",
    ] {
        let finding = Expression::compile(text, at(1)).unwrap_err();
        assert_eq!(finding.code, "expression-unknown", "{text}");
    }
}

#[test]
fn findings_point_into_the_expression() {
    let column = |text| {
        Expression::compile(text, at(10))
            .map(|_| 0)
            .unwrap_or_else(|finding| finding.column)
    };
    assert_eq!(column(".a + nosuch"), 15);
    assert_eq!(column(".a + )"), 15);
    assert_eq!(column("$x"), 10);
    assert_eq!(column(".a +"), 14);
    let finding = Expression::compile(".a |\n  nosuch(1)", at(10)).unwrap_err();
    assert_eq!((finding.line, finding.column), (2, 3));
}

#[test]
fn one_value_or_none() {
    assert_eq!(run(".[]", json!([1, 2])), Err(EvaluationError::ManyValues));
    assert!(matches!(
        run(".a", json!(1)),
        Err(EvaluationError::Failed(_))
    ));
}

#[test]
fn sources_beyond_the_bounds_are_refused() {
    let long = format!("1{}", " + 1".repeat(600));
    let chain = format!(".{}", "|.".repeat(2000));
    for text in [
        "[".repeat(100),
        "-".repeat(5000),
        long,
        chain,
        " ".repeat(9000),
        "try ".repeat(1500),
        format!("{}1", "-".repeat(490)),
    ] {
        let code = Expression::compile(&text, at(1)).unwrap_err().code;
        assert!(
            ["expression-too-large", "expression-syntax"].contains(&code),
            "{code}"
        );
    }
    // The longest chains that are allowed must not exhaust the stack of a thread.
    assert_eq!(
        run(&format!("1{}", "|.".repeat(50)), json!(null)),
        Ok(json!(1))
    );
    assert_eq!(
        run(&format!("1{}", "+1".repeat(120)), json!(null)),
        Ok(json!(121))
    );
    assert_eq!(
        run(&format!("{}1", "-".repeat(120)), json!(null)),
        Ok(json!(1))
    );
}

/// Programs that would never end, go too deep, or fill the memory.
const HOSTILE: &[&str] = &[
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: f | f; f",
    "def f: [f]; f",
    "def f: f, f; [f]",
    "[repeat(1)]",
    "repeat(.) | select(false)",
    "until(false; . + 1)",
    "[range(1; infinite)]",
    "range(1e12) | select(false)",
    "last(range(1e12))",
    "reduce range(1e12) as $i (0; . + $i)",
    "reduce repeat(1) as $i (0; .)",
    "[recurse(. + 1)]",
    "try (def f: f; f) catch 1",
    "def f: try f catch f; f",
    "label $out | def f: f; f",
    "\"a\" * 100000000",
    "reduce range(40) as $i (\"a\"; . + .)",
    "reduce range(40) as $i ([1]; . + .)",
    "reduce range(40) as $i (1; [., .]) | tojson",
    "reduce range(40) as $i (1; [., .]) == 1",
    "reduce range(60) as $i ({}; .a = . | .b = .a) | tojson",
    "reduce range(1000000) as $i (0; [.])",
    "reduce range(1000000) as $i ({}; {a: .})",
    "reduce range(1000000) as $i ({}; .a = .)",
    "reduce range(1000000) as $i ({}; .a |= {b: .})",
    "2 | until(false; . * .)",
    "10000000000000000000 | until(false; . * .)",
    "[range(100000)] | contains([range(100000)])",
    "[range(50000)] | indices([range(25000)])",
    "\"[\" * 1000000 | fromjson",
    "[range(1000) | \"x\" * 1000000]",
    "\"x\" * 1000000 | [., ., ., ., ., ., .] | tojson",
    "\"x\" * 1000000 | \"\\(.)\\(.)\\(.)\\(.)\\(.)\\(.)\\(.)\\(.)\" | explode",
    "[limit(1000000000; repeat(1))]",
    "[1, 2, 3] | [combinations(1000)]",
    "foreach repeat(1) as $x (0; . + $x; select(false))",
    ".[100000000000] = 1",
    "[range(300)] as $pad | reduce range(100) as $i (1; [., ., $pad[]]) | tojson",
];

#[test]
fn hostile_programs_stop() {
    for text in HOSTILE {
        let started = Instant::now();
        let outcome = run(text, json!(null));
        assert!(outcome.is_err(), "{text} gave a value");
        let took = started.elapsed();
        // Generous for a busy machine and an unoptimised build; the meter itself counts steps, not time.
        assert!(took.as_secs() < 20, "{text} took {took:?}");
        println!("{took:>12?}  {text}  {outcome:?}");
    }
}
