//! By which Csound an instance performs: the one place that decides it, and says why. Whoever wants to know asks here.
//! Pure: what has a say comes in ([`Says`]), what follows goes out ([`Verdict`]).
//!
//! In this order: an exported plugin performs by the Csound that it was made for; the user's setting goes before the
//! piece; *Auto* keeps what it has come to, until a piece is opened anew or the user chooses *Auto*. Then the piece's own
//! wish counts, else the Csound that this process has loaded already, if the piece performs in it, else the newest
//! that is installed.

use csound_performance::Generation;

use crate::plugin::pieces::choice::{Choice, Named};

/// All that has a say.
#[derive(Clone, Copy, Debug)]
pub struct Says<'a> {
    /// The Csound that an exported plugin was made for.
    pub pinned: Option<Generation>,
    /// The instance's setting.
    pub choice: &'a Choice,
    /// What *Auto* has come to before.
    pub of_auto: Option<&'a Named>,
    /// What the piece itself asks for.
    pub wished: Option<Generation>,
    /// The one that this process has loaded, where the piece performs in it: a process has one.
    pub here: Option<Generation>,
    /// The newest that is installed.
    pub newest: Option<Generation>,
}

/// When it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A piece is opened anew, or the user chooses *Auto*.
    Anew,
    /// The piece's text becomes another one: *Apply*, *Save*, *Reload*.
    Text {
        /// What the text before asked for.
        before: Option<Generation>,
        /// What the piece last performed by, where the text before did not perform.
        performed: Option<Generation>,
    },
    /// All else: a loaded session, a rate change, an offline render, a permission.
    Later,
}

/// Why it is that Csound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The exported plugin was made for it.
    Export,
    /// The setting of the instance.
    Setting,
    /// The piece asks for it.
    Piece,
    /// This process has it, and can have no other.
    Process,
    /// It is the newest.
    Newest,
    /// *Auto* had come to it before.
    Kept,
    /// The text that asked for another one did not perform, and is no more.
    Back,
}

/// What follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The Csound; none where *Auto* is yet to come to one, because none is installed.
    pub named: Option<Named>,
    /// Why.
    pub why: Why,
    /// If the text's language is not that Csound's, the other one may be tried.
    pub may_try_other: bool,
}

impl Verdict {
    fn of(named: impl Into<Named>, why: Why) -> Self {
        Self { named: Some(named.into()), why, may_try_other: false }
    }
}

impl Says<'_> {
    /// Decides.
    pub fn decide(&self, moment: Moment) -> Verdict {
        match (self.pinned, self.choice, self.of_auto) {
            (Some(pinned), ..) => Verdict::of(pinned, Why::Export),
            (None, Choice::Always(named), _) => Verdict::of(named.clone(), Why::Setting),
            (None, Choice::Auto, Some(named)) => match moment {
                Moment::Anew => self.afresh(true),
                Moment::Text { before, performed } => self.of_text(named, before, performed),
                Moment::Later => self.kept(named),
            },
            // It has not come to any yet: that is made up for, whatever the moment is.
            (None, Choice::Auto, None) => self.afresh(moment == Moment::Anew),
        }
    }

    fn afresh(&self, is_anew: bool) -> Verdict {
        match (self.wished, self.here, self.newest) {
            (Some(wished), ..) => Verdict::of(wished, Why::Piece),
            (None, Some(here), _) => Verdict::of(here, Why::Process),
            (None, None, newest) => {
                Verdict { named: newest.map(Named::Known), why: Why::Newest, may_try_other: is_anew }
            }
        }
    }

    fn of_text(&self, named: &Named, before: Option<Generation>, performed: Option<Generation>) -> Verdict {
        match (self.wished, performed) {
            (Some(wished), _) if self.wished != before => Verdict::of(wished, Why::Piece),
            (None, Some(performed)) if before.is_some() && before == named.known() => {
                Verdict::of(performed, Why::Back)
            }
            _ => self.kept(named),
        }
    }

    fn kept(&self, named: &Named) -> Verdict {
        let is_wished = self.wished.is_some() && self.wished == named.known();
        Verdict::of(named.clone(), if is_wished { Why::Piece } else { Why::Kept })
    }
}

impl Why {
    /// In words, behind "it is to perform by Csound 7".
    pub fn words(self) -> &'static str {
        match self {
            Self::Export => "for which this plugin was made",
            Self::Setting => "as its setting says",
            Self::Piece => "as the piece itself asks",
            Self::Process => "which this process has loaded",
            Self::Newest => "the newest that was found",
            Self::Kept => "which Auto chose for it before",
            Self::Back => "by which it performed last",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIX: Generation = Generation::Six;
    const SEVEN: Generation = Generation::Seven;
    const AUTO: Choice = Choice::Auto;

    fn always(generation: Generation) -> Choice {
        Choice::Always(generation.into())
    }

    /// What is said, when, and what follows.
    type Row = (
        (Option<Generation>, Choice, Option<Generation>),
        (Option<Generation>, Option<Generation>, Option<Generation>),
        Moment,
        (Option<Generation>, Why, bool),
    );

    const ANEW: Moment = Moment::Anew;
    const LATER: Moment = Moment::Later;

    fn text(before: Option<Generation>, performed: Option<Generation>) -> Moment {
        Moment::Text { before, performed }
    }

    fn check(rows: &[Row]) {
        for row in rows {
            let ((pinned, choice, of_auto), (wished, here, newest), moment, (named, why, may_try_other)) =
                row;
            let of_auto = of_auto.map(Named::Known);
            let (pinned, wished, here, newest) = (*pinned, *wished, *here, *newest);
            let says = Says { pinned, choice, of_auto: of_auto.as_ref(), wished, here, newest };
            let expected =
                Verdict { named: named.map(Named::Known), why: *why, may_try_other: *may_try_other };
            assert_eq!(says.decide(*moment), expected, "{row:?}");
        }
    }

    #[test]
    fn an_export_goes_before_the_setting_and_that_before_everything_else() {
        let all = (Some(SIX), Some(SIX), Some(SIX));
        let mut rows = Vec::new();
        for moment in [ANEW, LATER, text(None, Some(SIX))] {
            rows.push((
                (Some(SEVEN), always(SIX), Some(SIX)),
                all,
                moment,
                (Some(SEVEN), Why::Export, false),
            ));
            rows.push(((Some(SEVEN), AUTO, None), all, moment, (Some(SEVEN), Why::Export, false)));
            rows.push(((None, always(SEVEN), Some(SIX)), all, moment, (Some(SEVEN), Why::Setting, false)));
        }
        check(&rows);
    }

    #[test]
    fn auto_comes_anew_to_what_the_piece_asks_for_else_to_what_is_loaded_here_else_to_the_newest() {
        for of_auto in [None, Some(SIX), Some(SEVEN)] {
            let auto = (None, AUTO, of_auto);
            check(&[
                (auto.clone(), (Some(SIX), Some(SEVEN), Some(SEVEN)), ANEW, (Some(SIX), Why::Piece, false)),
                (auto.clone(), (Some(SEVEN), None, Some(SIX)), ANEW, (Some(SEVEN), Why::Piece, false)),
                (auto.clone(), (None, Some(SIX), Some(SEVEN)), ANEW, (Some(SIX), Why::Process, false)),
                (auto.clone(), (None, None, Some(SEVEN)), ANEW, (Some(SEVEN), Why::Newest, true)),
                (auto.clone(), (None, None, Some(SIX)), ANEW, (Some(SIX), Why::Newest, true)),
                (auto, (None, None, None), ANEW, (None, Why::Newest, true)),
            ]);
        }
    }

    #[test]
    fn what_auto_has_come_to_stays_and_what_it_had_not_is_made_up_for_without_trying() {
        let six = (None, AUTO, Some(SIX));
        let none = (None, AUTO, None);
        check(&[
            (six.clone(), (None, Some(SEVEN), Some(SEVEN)), LATER, (Some(SIX), Why::Kept, false)),
            (six.clone(), (Some(SEVEN), None, Some(SEVEN)), LATER, (Some(SIX), Why::Kept, false)),
            (six.clone(), (Some(SIX), None, None), LATER, (Some(SIX), Why::Piece, false)),
            (six, (None, None, Some(SEVEN)), text(None, None), (Some(SIX), Why::Kept, false)),
            (none.clone(), (None, None, Some(SEVEN)), LATER, (Some(SEVEN), Why::Newest, false)),
            (none.clone(), (Some(SIX), None, Some(SEVEN)), LATER, (Some(SIX), Why::Piece, false)),
            (none.clone(), (None, None, Some(SEVEN)), text(None, None), (Some(SEVEN), Why::Newest, false)),
            (none, (None, None, None), LATER, (None, Why::Newest, false)),
        ]);
    }

    #[test]
    fn another_text_is_heard_where_it_asks_for_another_and_goes_back_where_that_did_not_perform() {
        let (six, seven) = ((None, AUTO, Some(SIX)), (None, AUTO, Some(SEVEN)));
        let wishes = |wished| (wished, None, Some(SEVEN));
        check(&[
            (six.clone(), wishes(Some(SEVEN)), text(None, None), (Some(SEVEN), Why::Piece, false)),
            // The same wish as before: a session had said otherwise.
            (six.clone(), wishes(Some(SEVEN)), text(Some(SEVEN), None), (Some(SIX), Why::Kept, false)),
            // It performed, so it stays.
            (seven.clone(), wishes(None), text(Some(SEVEN), None), (Some(SEVEN), Why::Kept, false)),
            // It did not.
            (seven.clone(), wishes(None), text(Some(SEVEN), Some(SIX)), (Some(SIX), Why::Back, false)),
            (
                seven.clone(),
                wishes(Some(SEVEN)),
                text(Some(SEVEN), Some(SIX)),
                (Some(SEVEN), Why::Piece, false),
            ),
            (
                seven.clone(),
                wishes(Some(SIX)),
                text(Some(SEVEN), Some(SEVEN)),
                (Some(SIX), Why::Piece, false),
            ),
            // What failed had not brought that Csound.
            (six, wishes(None), text(Some(SEVEN), Some(SEVEN)), (Some(SIX), Why::Kept, false)),
            (seven, wishes(None), text(None, Some(SIX)), (Some(SEVEN), Why::Kept, false)),
        ]);
    }

    #[test]
    fn what_no_version_knows_is_kept() {
        let unknown = Named::Unknown(serde_json::json!(8));
        let says = Says {
            pinned: None,
            choice: &AUTO,
            of_auto: Some(&unknown),
            wished: None,
            here: None,
            newest: Some(SEVEN),
        };
        assert_eq!(says.decide(LATER).named, Some(unknown.clone()));
        assert_eq!(says.decide(ANEW).named, Some(SEVEN.into()));
    }
}
