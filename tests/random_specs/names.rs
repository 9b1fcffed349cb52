//! Names in generated Rust: each stands for the buffer that the plan's call reads. Most mistakes here are of
//! the wrong type, and would not compile; those between maps of one shape would compute something else.

use std::collections::HashMap;

use efficientnet::codegen::plan::{BufferId, Call, Plan, Storage};
use syn::{Expr, File, Item, Pat, Stmt};

/// What each name in scope stands for.
type Scope = HashMap<String, BufferId>;

/// Follows the calls of the generated functions along the plan's.
///
/// # Panics
/// If a name stands for another buffer than the plan says, or there are other calls than the plan's.
pub(crate) fn check(file: &File, plan: &Plan) {
    let mut calls = plan.calls.iter();
    let mut last = input(plan);
    for item in &file.items {
        let Item::Fn(function) = item else { continue };
        let mut scope = Scope::from([("x".to_owned(), last)]);
        for statement in &function.block.stmts {
            let call = calls.next().expect("no more calls than the plan's");
            let (pattern, expression) = match statement {
                Stmt::Local(local) => (Some(&local.pat), local.init.as_ref().map(|i| &*i.expr)),
                Stmt::Expr(expression, _) => (None, Some(expression)),
                _ => (None, None),
            };
            let Some(Expr::Call(expression)) = expression else {
                panic!("{}: expected a call", call.name);
            };
            let read = expression.args.iter().filter_map(name);
            let read: Vec<_> = read.filter(|name| name != "w" && name != "a").collect();
            let found: Vec<_> = read.iter().map(|name| scope.get(name).copied()).collect();
            let expected: Vec<_> = call.tensors().reads.into_iter().map(Some).collect();
            assert_eq!(
                found, expected,
                "what {read:?} of `{}` stand for",
                call.name
            );
            bind(&mut scope, pattern, call);
            last = call.output;
        }
    }
    assert_eq!(calls.next(), None, "every call of the plan is there");
}

fn input(plan: &Plan) -> BufferId {
    let reads = plan.calls.iter().map(|call| call.input);
    let mut images = reads.filter(|id| plan.buffer(*id).storage == Storage::Input);
    images.next().expect("a call reads the network's input")
}

/// The name that an argument is, or has inside `Some(x)` or `gate_weights(g)`.
fn name(argument: &Expr) -> Option<String> {
    match argument {
        Expr::Path(path) => {
            let name = path.path.get_ident()?.to_string();
            (name != "None").then_some(name)
        }
        Expr::Call(wrapped) => wrapped.args.first().and_then(name),
        _ => None,
    }
}

/// Gives the call's results their names.
fn bind(scope: &mut Scope, pattern: Option<&Pat>, call: &Call) {
    let mut bind = |pattern: &Pat, id| {
        let Pat::Ident(pattern) = pattern else {
            panic!("{}: expected a name for what it gives", call.name);
        };
        scope.insert(pattern.ident.to_string(), id);
    };
    match pattern {
        Some(Pat::Tuple(pair)) => {
            let written = call.tensors().writes;
            assert_eq!(pair.elems.len(), written.len(), "results of {}", call.name);
            let pairs = pair.elems.iter().zip(written);
            pairs.for_each(|(pattern, id)| bind(pattern, id));
        }
        Some(pattern) => bind(pattern, call.output),
        None => {}
    }
}
