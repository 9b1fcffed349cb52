//! The functions: a part's calls, each a line.

use efficientnet_spec::{Activation, Padding, Pads, Part};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use super::int;
use super::source::Verbatim;
use crate::ir::{GateMode, Shape, Window};
use crate::place;
use crate::plan::{BufferId, Call, Kernel, Plan, PlanOutput};

/// One generated function.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// `stem`, `block1`, ..., `head`, and behind an output inside the final layers the output's name.
    pub(super) name: Ident,
    /// The output that it gives, if it gives one.
    pub(super) output: Option<PlanOutput>,
    doc: String,
    parameter: TokenStream,
    result: String,
    body: Vec<Statement>,
}

#[derive(Clone, Debug)]
enum Statement {
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
        same_part && lowering.output(a).is_none()
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
            name = output.name.to_string();
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

    fn function(&self, name: &str, calls: &[Call]) -> Function {
        let input = self.input_shape(&calls[0]);
        let producer = self
            .plan
            .calls
            .iter()
            .find(|call| call.output == calls[0].input);
        let parameter = match producer {
            Some(producer) => {
                let input = tokens_of(&handle(producer));
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
            doc: format!(
                " {}, {input} -> {output}{}.",
                heading(calls[0].place.part),
                repeats(calls)
            ),
            parameter,
            result: handle(last),
            body: self.body(calls),
        }
    }

    fn body(&self, calls: &[Call]) -> Vec<Statement> {
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
                    let title = place::sub_block_title(call.place.part);
                    let (from, to) = (self.input_shape(call), last.output_shape);
                    body.push(Statement::Comment(format!("{title}, {from} -> {to}")));
                }
            }
            let expression = self.expression(call);
            body.push(Statement::Line(if index + 1 == calls.len() {
                expression
            } else {
                format!("let {} = {expression};", self.result(call))
            }));
        }
        body
    }

    /// Shape of what a call works on.
    fn input_shape(&self, call: &Call) -> Shape {
        match call.kernel {
            Kernel::Convolution { input, .. }
            | Kernel::Pointwise { input, .. }
            | Kernel::Depthwise { input, .. }
            | Kernel::Mean { input } => input,
            Kernel::SqueezeExcite { channels, .. } => Shape::vector(channels),
            Kernel::Dense { in_channels, .. } => Shape::vector(in_channels),
        }
    }

    /// The pattern that names a call's results.
    fn result(&self, call: &Call) -> String {
        let main = self.local(call.output);
        match call.kernel {
            Kernel::Depthwise {
                sums: Some(sums), ..
            } => format!("({main}, {})", self.local(sums)),
            _ => main.to_owned(),
        }
    }

    /// One call.
    fn expression(&self, call: &Call) -> String {
        let weights = call
            .weights
            .map_or_else(String::new, |index| format!("&w[{index}], "));
        let input = self.local(call.input);
        let output = self.plan.offset(call.output);
        match &call.kernel {
            Kernel::Convolution {
                input: shape,
                out_channels,
                window,
                activation,
                ..
            } => {
                let Shape {
                    height,
                    width,
                    channels,
                } = *shape;
                let Shape {
                    height: out_height,
                    width: out_width,
                    ..
                } = call.output_shape;
                let window = self.window(*shape, *window);
                let activation = activation_type(*activation);
                format!(
                    "convolution::<{height}, {width}, {channels}, {out_height}, {out_width}, \
                     {out_channels}, {window}, {activation}>({weights}a, {input}, {output})"
                )
            }
            Kernel::Pointwise { .. } => self.pointwise(call, &weights),
            Kernel::Depthwise {
                input: shape,
                window,
                activation,
                sums,
                ..
            } => {
                let Shape {
                    height,
                    width,
                    channels,
                } = *shape;
                let Shape {
                    height: out_height,
                    width: out_width,
                    ..
                } = call.output_shape;
                let window = self.window(*shape, *window);
                let activation = activation_type(*activation);
                let (name, sums) = match sums {
                    None => ("depthwise", String::new()),
                    Some(sums) => ("depthwise_sums", format!(", {}", self.plan.offset(*sums))),
                };
                format!(
                    "{name}::<{height}, {width}, {channels}, {out_height}, {out_width}, \
                     {window}, {activation}>({weights}a, {input}, {output}{sums})"
                )
            }
            Kernel::SqueezeExcite {
                channels,
                squeezed,
                pixels,
                activation,
                gate,
                scratch,
                ..
            } => {
                let (activation, gate) = (activation_type(*activation), activation_type(*gate));
                let scratch = self.plan.offset(*scratch);
                format!(
                    "squeeze_excite::<{channels}, {squeezed}, {pixels}, {activation}, {gate}>\
                     ({weights}a, {input}, {output}, {scratch})"
                )
            }
            Kernel::Mean {
                input:
                    Shape {
                        height,
                        width,
                        channels,
                    },
            } => {
                format!("mean::<{height}, {width}, {channels}>(w, a, {input}, {output})")
            }
            Kernel::Dense {
                in_channels,
                out_channels,
                ..
            } => format!("dense::<{in_channels}, {out_channels}>({weights}a, {input}, {output})"),
        }
    }

    fn pointwise(&self, call: &Call, weights: &str) -> String {
        let Kernel::Pointwise {
            input: shape,
            out_channels,
            activation,
            gate,
            residual,
            strip,
            ..
        } = &call.kernel
        else {
            return String::new();
        };
        let Shape {
            height,
            width,
            channels,
        } = *shape;
        let input = self.local(call.input);
        let output = self.plan.offset(call.output);
        let shape = format!("{height}, {width}, {channels}, {out_channels}");
        if gate.is_none() && residual.is_none() {
            let activation = activation_type(*activation);
            return format!(
                "pointwise::<{shape}, {strip}, {activation}>({weights}a, {input}, {output})"
            );
        }
        let gate = gate.map_or_else(
            || "None".to_owned(),
            |gate| {
                let mode = match gate.mode {
                    GateMode::Weights => "gate_weights",
                    GateMode::Input => "gate_input",
                };
                format!(
                    "{mode}({}, {})",
                    self.local(gate.values),
                    self.plan.offset(gate.scratch)
                )
            },
        );
        let residual = residual.map_or_else(
            || "None".to_owned(),
            |id| format!("Some({})", self.local(id)),
        );
        format!("project::<{shape}, {strip}>({weights}a, {input}, {output}, {gate}, {residual})")
    }

    /// Kernel, stride and zeros as generic arguments.
    fn window(&self, input: Shape, window: Window) -> String {
        let Window {
            kernel,
            stride,
            pads,
        } = window;
        let zeros = match self.plan.padding {
            Padding::Same if pads == Pads::same(input.height, input.width, kernel, stride) => {
                "Same".to_owned()
            }
            Padding::Symmetric if pads == Pads::symmetric(kernel) => "Symmetric".to_owned(),
            Padding::Same | Padding::Symmetric => {
                let Pads {
                    top,
                    bottom,
                    left,
                    right,
                } = pads;
                format!("ExplicitPadding<{top}, {bottom}, {left}, {right}>")
            }
        };
        format!("{kernel}, {stride}, {zeros}")
    }

    /// The variable that holds a buffer's address: `x` for the running map, `e` expanded, `d` after
    /// the depthwise, `s` its sums, `g` the gate.
    fn local(&self, id: BufferId) -> &'static str {
        for call in &self.plan.calls {
            if let Kernel::Depthwise {
                sums: Some(sums), ..
            } = call.kernel
                && sums == id
            {
                return "s";
            }
            if call.output == id {
                return result_name(call);
            }
        }
        "x"
    }
}

fn result_name(call: &Call) -> &'static str {
    let inside = matches!(call.place.part, Part::Block { .. });
    match call.kernel {
        Kernel::Depthwise { .. } if inside => "d",
        Kernel::SqueezeExcite { .. } => "g",
        Kernel::Pointwise { .. } if call.place.module == Some(efficientnet_spec::Module::Two) => {
            "e"
        }
        Kernel::Convolution { .. }
        | Kernel::Pointwise { .. }
        | Kernel::Depthwise { .. }
        | Kernel::Mean { .. }
        | Kernel::Dense { .. } => "x",
    }
}

/// The type that carries the address and the shape of a call's result.
fn handle(call: &Call) -> String {
    let Shape {
        height,
        width,
        channels,
    } = call.output_shape;
    match call.kernel {
        Kernel::Convolution { .. } | Kernel::Pointwise { .. } | Kernel::Depthwise { .. } => {
            format!("Map<{height}, {width}, {channels}>")
        }
        Kernel::SqueezeExcite { .. } | Kernel::Mean { .. } | Kernel::Dense { .. } => {
            format!("Vector<{channels}>")
        }
    }
}

fn heading(part: Part) -> String {
    match part {
        Part::Stem => "Stem".to_owned(),
        Part::Block { block, .. } => format!("Block {block}"),
        Part::Final => "Final layers".to_owned(),
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

/// The runtime's marker type.
fn activation_type(activation: Option<Activation>) -> &'static str {
    match activation {
        None => "Linear",
        Some(Activation::Silu) => "Silu",
        Some(Activation::Relu6) => "Relu6",
        Some(Activation::Relu) => "Relu",
        Some(Activation::Sigmoid) => "Sigmoid",
    }
}
