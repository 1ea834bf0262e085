//! The comparison of the piece by both Csounds, as it is shown.

use crate::editor::model::{ComparisonView, FindingKind};
use crate::plugin::shared::comparison::{self, Comparison, Stands};
use crate::plugin::shared::locked::Locked;

/// Of the present piece: what came of another one is on the console.
pub(super) fn comparison_view(locked: &Locked) -> ComparisonView {
    let is_present = |compared: &&Comparison| locked.session.piece.as_ref() == Some(&compared.piece);
    let Some(compared) = locked.comparison.as_ref().filter(is_present) else { return ComparisonView::None };
    match &compared.stands {
        Stands::UnderWay => ComparisonView::UnderWay,
        Stands::Done(finding) => {
            let kind = match finding.kind {
                comparison::FindingKind::Alike => FindingKind::Alike,
                comparison::FindingKind::Different => FindingKind::Different,
                comparison::FindingKind::Failed => FindingKind::Failed,
            };
            ComparisonView::Done { told: finding.told.clone(), kind }
        }
    }
}
