//! Rows of the list `blocks`.

use super::Reader;
use crate::diagnostics::{Fault, Problem};
use crate::limits::MAX_BLOCKS;
use crate::spec::fields::Fields;
use crate::spec::keys::{BLOCK, CONVOLUTION};
use crate::spec::{BlockBody, BlockSpec, ExpandRatio, ExpandSpec, NonEmpty, Repeats};
use crate::yaml::{Kind, Node};
use crate::{BlockKind, ExpandOf};

impl Reader<'_, '_> {
    /// The blocks; `squeezes` says whether the family has a squeeze and excite.
    pub(super) fn blocks(&mut self, node: &Node, squeezes: bool) -> Option<NonEmpty<BlockSpec>> {
        let rows = match &node.kind {
            Kind::List(rows) if !rows.is_empty() => rows,
            _ => {
                let problem = Problem::new(Fault::NoBlocks).found(self.excerpt(node));
                return self.report(problem, node.range.clone());
            }
        };
        let blocks: Vec<_> = rows.iter().map(|row| self.block(row, squeezes)).collect();
        if rows.len() > MAX_BLOCKS {
            let problem = Problem::new(Fault::TooManyBlocks).with("most", MAX_BLOCKS);
            let problem = problem.says(rows.len().to_string());
            return self.report(problem, node.range.clone());
        }
        NonEmpty::new(blocks.into_iter().collect::<Option<_>>()?)
    }

    fn block(&mut self, node: &Node, squeezes: bool) -> Option<BlockSpec> {
        let keys = match is_convolution(node) {
            true => &CONVOLUTION,
            false => &BLOCK,
        };
        let fields = self.fields(node, node.range.clone(), keys)?;
        let kind = self.value_or(&fields, "kind", BlockKind::Mbconv);
        let repeats = self.value(&fields, "repeats");
        let body = match kind {
            Some(BlockKind::Convolution) => Some(BlockBody::Convolution),
            Some(BlockKind::FusedMbconv) => {
                let expand = self.expand(&fields, repeats, squeezes);
                expand.map(BlockBody::FusedMbconv)
            }
            Some(BlockKind::Mbconv) | None => {
                let expand = self.expand(&fields, repeats, squeezes);
                expand.map(BlockBody::Mbconv)
            }
        };
        let kernel = self.value(&fields, "kernel");
        let stride = self.value(&fields, "stride");
        let channels = self.value(&fields, "channels");
        let activation = self.optional(&fields, "activation");
        let shortcut = self.value_or(&fields, "shortcut", true);
        let scale_depth = self.value_or(&fields, "scale_depth", true);
        kind?;
        Some(BlockSpec {
            body: body?,
            kernel: kernel?,
            stride: stride?,
            channels: channels?,
            repeats: repeats?,
            activation: activation?,
            shortcut: shortcut?,
            scale_depth: scale_depth?,
        })
    }

    fn expand(
        &mut self,
        fields: &Fields<'_>,
        repeats: Option<Repeats>,
        squeezes: bool,
    ) -> Option<ExpandSpec> {
        let ratios = self.ratios(fields, repeats);
        let of = self.value_or(fields, "expand_ratio_of", ExpandOf::Input);
        let squeeze_excite = self.value_or(fields, "squeeze_excite", true);
        if let (false, Some(node), Some(true)) =
            (squeezes, fields.get("squeeze_excite"), squeeze_excite)
        {
            let problem = Problem::new(Fault::NoSqueezeExcite);
            return self.report(problem, node.range.clone());
        }
        Some(ExpandSpec {
            ratios: ratios?,
            of: of?,
            squeeze_excite: squeeze_excite?,
        })
    }

    /// One ratio, or a list of at most one a sub-block.
    fn ratios(
        &mut self,
        fields: &Fields<'_>,
        repeats: Option<Repeats>,
    ) -> Option<NonEmpty<ExpandRatio>> {
        let node = fields.get("expand_ratio")?;
        let Kind::List(items) = &node.kind else {
            let ratio = self.value(fields, "expand_ratio")?;
            return NonEmpty::new(vec![ratio]);
        };
        let key = fields.meaning("expand_ratio");
        let ratios: Vec<_> = items.iter().map(|item| self.scalar(item, key)).collect();
        let (found, repeats) = (items.len(), repeats?.get());
        if !(1..=repeats).contains(&found) {
            let fault = match found {
                0 => Fault::NoRatios,
                _ => Fault::TooManyRatios,
            };
            let problem = Problem::new(fault).with("repeats", repeats);
            let problem = problem.says(format!("{found} ratios"));
            return self.report(problem, node.range.clone());
        }
        NonEmpty::new(ratios.into_iter().collect::<Option<_>>()?)
    }
}

/// Whether a row says that it is a convolution, which has other keys.
fn is_convolution(node: &Node) -> bool {
    let Kind::Mapping(entries) = &node.kind else {
        return false;
    };
    let kind = entries.iter().find(|entry| entry.key == "kind");
    kind.is_some_and(|entry| match &entry.value.kind {
        Kind::Scalar(word) => word.as_str() == Some(BlockKind::Convolution.word()),
        Kind::List(_) | Kind::Mapping(_) => false,
    })
}
