//! B0 to B7 of the bundled spec, each behind the feature of its name: symmetric padding, 1000 classes.

/// One type a feature.
macro_rules! ready_made {
    ($($name:ident $variant:literal)*) => {
        $(
            #[cfg(feature = $variant)]
            #[crate::model(spec = "efficientnet", variant = $variant)]
            #[derive(Clone, Debug)]
            pub struct $name;
        )*
    };
}

ready_made! {
    B0 "b0"
    B1 "b1"
    B2 "b2"
    B3 "b3"
    B4 "b4"
    B5 "b5"
    B6 "b6"
    B7 "b7"
}
