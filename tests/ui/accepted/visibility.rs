//! Every kind of visibility, and what it is for.

mod models {
    #[efficientnet::model(spec = "efficientnet", variant = "b0")]
    pub struct Public;

    #[efficientnet::model(spec = "efficientnet", variant = "b1")]
    pub(crate) struct Crate;

    pub mod inner {
        #[efficientnet::model(spec = "lite", variant = "lite0")]
        pub(in super::super) struct Within;

        #[efficientnet::model(spec = "lite", variant = "lite1")]
        pub(super) struct Parent;
    }

    #[efficientnet::model(spec = "efficientnet", variant = "b2")]
    struct Private;

    pub fn workspaces() {
        let _ = (inner::Within::workspace(), inner::Parent::workspace());
        let _ = Private::workspace();
    }
}

#[test]
fn every_visibility() {
    let _ = (models::Public::workspace(), models::Crate::workspace());
    models::workspaces();
}
