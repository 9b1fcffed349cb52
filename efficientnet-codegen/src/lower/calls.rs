//! The functions: a part's calls, each a line.

use efficientnet_spec::Part;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::expressions::{Expressions, is_vector};
use super::int;
#[cfg(feature = "text")]
use super::source::Verbatim;
use crate::ir::{Producer, Shape};
use crate::place;
use crate::plan::{Call, Kernel, Plan, PlanOutput, Precision};

/// One generated function.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// `stem`, `block1`, ..., `head`, and behind an output inside the final layers the output's name.
    pub(super) name: Ident,
    /// The output that it gives, if it gives one.
    pub(super) output: Option<PlanOutput>,
    /// Whether the next function goes on from what this one gives; if not, from what it is given.
    pub(super) is_on_the_way: bool,
    doc: String,
    parameter: TokenStream,
    result: String,
    body: Vec<Statement>,
}

#[derive(Clone, Debug)]
enum Statement {
    #[cfg_attr(not(feature = "text"), expect(dead_code, reason = "for people"))]
    Comment(String),
    Line(String),
}

impl Function {
    /// For the compiler: no comments.
    pub(super) fn tokens(&self) -> TokenStream {
        self.with_body(self.body.iter().map(|statement| match statement {
            Statement::Comment(_) => TokenStream::new(),
            Statement::Line(text) => tokens_of(text),
        }))
    }

    /// For people: comments and unbroken lines as markers.
    #[cfg(feature = "text")]
    pub(super) fn text(&self, verbatim: &mut Verbatim) -> TokenStream {
        self.with_body(self.body.iter().map(|statement| match statement {
            Statement::Comment(text) => verbatim.statement(format!("// {text}")),
            Statement::Line(text) => verbatim.statement(text.clone()),
        }))
    }

    fn with_body(&self, statements: impl Iterator<Item = TokenStream>) -> TokenStream {
        let Self {
            name,
            doc,
            parameter,
            result,
            ..
        } = self;
        let result = tokens_of(result);
        quote! {
            #[doc = #doc]
            fn #name(w: &Weights, a: &mut Arena, #parameter) -> #result {
                #(#statements)*
            }
        }
    }
}

/// Tokens of a line that this crate wrote itself.
pub(super) fn tokens_of(text: &str) -> TokenStream {
    match text.parse() {
        Ok(tokens) => tokens,
        Err(error) => {
            let message = format!("generated line `{text}`: {error}");
            quote! { ::core::compile_error!(#message); }
        }
    }
}

/// The plan's calls cut into functions at the borders of its parts and behind each output.
pub(super) fn functions(plan: &Plan) -> Vec<Function> {
    let lowering = Lowering { plan };
    let joined = |a: &Call, b: &Call| {
        let same_part = function_name(a.place.part) == function_name(b.place.part);
        same_part && lowering.output(a).is_none() && !lowering.is_aside(b)
    };
    let mut names: Vec<String> = Vec::new();
    let mut functions = Vec::new();
    for calls in plan.calls.chunk_by(joined) {
        let (first, last) = (&calls[0], &calls[calls.len() - 1]);
        let mut name = function_name(first.place.part);
        // What follows an output inside a part is there for another output.
        if let Some(output) = lowering.output(last)
            && names.contains(&name)
        {
            name = match lowering.is_aside(last) {
                false => output.name.to_string(),
                true => format!("{}_as_f32", output.name),
            };
        }
        functions.push(lowering.function(&name, calls));
        names.push(name);
    }
    functions
}

fn function_name(part: Part) -> String {
    match part {
        Part::Stem => "stem".to_owned(),
        Part::Block { block, .. } => format!("block{block}"),
        Part::Final => "head".to_owned(),
    }
}

struct Lowering<'a> {
    plan: &'a Plan,
}

impl Lowering<'_> {
    /// The output that a call gives, if it gives one.
    fn output(&self, call: &Call) -> Option<PlanOutput> {
        let mut outputs = self.plan.outputs.iter();
        outputs.find(|output| output.buffer == call.output).copied()
    }

    /// Whether a call gives the floats of a result to the caller alone.
    fn is_aside(&self, call: &Call) -> bool {
        let gives_floats = matches!(
            call.kernel,
            Kernel::Widen { .. } | Kernel::Dequantize { .. }
        );
        gives_floats && self.plan.calls.iter().all(|c| c.input != call.output)
    }

    fn function(&self, name: &str, calls: &[Call]) -> Function {
        let input = calls[0].kernel.input_shape();
        let producer = self
            .plan
            .calls
            .iter()
            .find(|call| call.output == calls[0].input);
        let parameter = match producer {
            Some(producer) => {
                let input = tokens_of(&self.handle(producer));
                quote! { x: #input }
            }
            None => {
                let len = int(self.plan.input.len());
                quote! { x: &[f32; #len] }
            }
        };
        let last = &calls[calls.len() - 1];
        let output = last.output_shape;
        Function {
            name: Ident::new(name, Span::call_site()),
            output: self.output(last),
            is_on_the_way: !self.is_aside(last),
            doc: format!(
                " {}, {input} -> {output}{}.",
                heading(calls),
                repeats(calls)
            ),
            parameter,
            result: self.handle(last),
            body: self.body(calls),
        }
    }

    /// The type that carries the address and the shape of a call's result.
    fn handle(&self, call: &Call) -> String {
        let Shape {
            height,
            width,
            channels,
        } = call.output_shape;
        let element = match self.plan.buffer(call.output).precision {
            Precision::F32 => "",
            Precision::Bf16 => ", Bf16",
            Precision::Int8 => ", Q8",
        };
        match is_vector(self.plan, call.output) {
            true => format!("Vector<{channels}{element}>"),
            false => format!("Map<{height}, {width}, {channels}{element}>"),
        }
    }

    fn body(&self, calls: &[Call]) -> Vec<Statement> {
        let expressions = Expressions {
            plan: self.plan,
            parameter: calls[0].input,
        };
        let mut body = Vec::new();
        let mut part = None;
        for (index, call) in calls.iter().enumerate() {
            if part != Some(call.place.part) {
                part = Some(call.place.part);
                let last = calls[index..]
                    .iter()
                    .take_while(|c| Some(c.place.part) == part)
                    .last();
                if let (Part::Block { .. }, Some(last)) = (call.place.part, last) {
                    let title = with_stem(&calls[index..], place::sub_block_title(call.place.part));
                    let (from, to) = (call.kernel.input_shape(), last.output_shape);
                    body.push(Statement::Comment(format!("{title}, {from} -> {to}")));
                }
            }
            let expression = expressions.call(call);
            body.push(Statement::Line(if index + 1 == calls.len() {
                expression
            } else {
                format!("let {} = {expression};", expressions.result(call))
            }));
        }
        body
    }
}

/// The part that begins with a call.
fn heading(calls: &[Call]) -> String {
    let title = match calls[0].place.part {
        Part::Stem => "Stem".to_owned(),
        Part::Block { block, .. } => format!("Block {block}"),
        Part::Final => "Final layers".to_owned(),
    };
    with_stem(calls, title)
}

/// `Stem and block 1` where the first call, but for codes of the image, makes the stem's map, too.
fn with_stem(calls: &[Call], title: String) -> String {
    let mut calls = calls.iter();
    let first = calls.find(|call| !matches!(call.kernel, Kernel::Quantize { .. }));
    let stem = matches!(
        first.map(|call| &call.kernel),
        Some(Kernel::DepthFirst {
            producer: Producer::Convolution { .. },
            ..
        })
    );
    match stem {
        true => format!("Stem and {}", title.to_lowercase()),
        false => title,
    }
}

/// `, 2 sub-blocks` for blocks.
fn repeats(calls: &[Call]) -> String {
    let Part::Block { .. } = calls[0].place.part else {
        return String::new();
    };
    let mut parts: Vec<Part> = calls.iter().map(|call| call.place.part).collect();
    parts.dedup();
    match parts.len() {
        1 => ", 1 sub-block".to_owned(),
        count => format!(", {count} sub-blocks"),
    }
}
