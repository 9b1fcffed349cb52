//! Neither parentheses nor arguments.

#[efficientnet::model]
struct B0;

#[efficientnet::model()]
struct B1;

fn main() {}
