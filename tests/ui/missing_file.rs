//! A spec file that does not exist, and a typo in a bundled name.

#[efficientnet::model(spec = "specs/nowhere.yaml", variant = "b0")]
struct B0;

#[efficientnet::model(spec = "eficientnet", variant = "b0")]
struct B1;

fn main() {}
