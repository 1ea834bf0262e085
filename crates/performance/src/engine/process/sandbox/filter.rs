//! A filter of system calls as data, and as the program that the kernel runs before each call. Pure.
//!
//! A [`Filter`] lists calls with what is answered to them; whatever is on no list gets the filter's
//! last word. A call of another architecture, or by another numbering of this one (x32), ends the
//! process: its numbers mean other calls.
//!
//! Source of the rules: seccomp(2), the kernel's userspace-api/seccomp_filter.

/// The kernel's answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Carries it out.
    Allow,
    /// Fails it with this error number.
    Refuse(u16),
    /// Holds it until the owner of the listener has answered.
    Ask,
    /// Ends the process.
    End,
}

/// A test of one argument of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The bits of a 32-bit argument under a mask are these.
    Bits {
        /// The number of the argument, from 0.
        argument: u8,
        /// The bits that are looked at.
        mask: u32,
        /// Their value.
        value: u32,
    },
    /// A 32-bit argument is at least this.
    AtLeast(u8, u32),
    /// A 32-bit argument is below this.
    Below(u8, u32),
    /// An argument of the machine's full width is zero: no pointer.
    Nothing(u8),
}

/// A 32-bit argument is this number.
pub(crate) const fn is(argument: u8, value: u32) -> Test {
    Test::Bits { argument, mask: u32::MAX, value }
}

/// An answer for calls whose arguments pass all of the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// All of them have to hold; none always do.
    pub tests: Vec<Test>,
    /// The answer to them.
    pub answer: Answer,
}

/// One system call: its cases in order, the first that holds counts, and what else is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// The call's number.
    pub call: u32,
    /// Its cases.
    pub cases: Vec<Case>,
    /// The answer if no case holds.
    pub otherwise: Answer,
}

/// A filter: rules, and what is answered to calls without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Filter {
    /// The rules, in the order in which the kernel tries them: what is called most first.
    pub rules: Vec<Rule>,
    /// The answer to all other calls.
    pub otherwise: Answer,
    /// The number from which on calls are younger than the list, and the answer to those.
    pub younger: (u32, Answer),
}

/// One instruction for the kernel's filter machine: as `struct sock_filter`.
pub(crate) type Step = libc::sock_filter;

/// The most steps that the kernel takes.
const MOST_STEPS: usize = 4096;

/// Offsets of a call's number, architecture and arguments in the data that a filter sees.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

/// This architecture, as the kernel names it.
#[cfg(target_arch = "x86_64")]
pub(super) const OWN: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
pub(super) const OWN: u32 = 0xC000_00B7;

/// The bit of x32's numbers. Other architectures have no such numbers, nor calls so high.
const X32: u32 = 0x4000_0000;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const MASK: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const REACHES: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const HAS_BITS: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// A filter that cannot be put into the kernel's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FilterError {
    /// A call has so many cases that a jump cannot pass them.
    #[error("the rule of system call {0} is too long")]
    Rule(u32),
    /// There are more steps than the kernel takes.
    #[error("the filter is too long")]
    Whole,
}

impl Filter {
    /// The kernel's program.
    ///
    /// # Errors
    /// [`FilterError`], if there are too many rules or cases.
    pub(crate) fn program(&self) -> Result<Vec<Step>, FilterError> {
        let mut steps = vec![
            step(LOAD, ARCHITECTURE),
            jump(EQUAL, OWN, 1, 0),
            answer(Answer::End),
            step(LOAD, NUMBER),
            jump(HAS_BITS, X32, 0, 1),
            answer(Answer::End),
        ];
        for rule in &self.rules {
            steps.extend(rule.steps()?);
        }
        // A younger call that has a rule was answered by it.
        steps.extend([jump(REACHES, self.younger.0, 0, 1), answer(self.younger.1), answer(self.otherwise)]);
        if steps.len() > MOST_STEPS {
            return Err(FilterError::Whole);
        }
        Ok(steps)
    }
}

impl Rule {
    /// Begins with the call's number loaded, and leaves it loaded if it is another call.
    fn steps(&self) -> Result<Vec<Step>, FilterError> {
        let mut body = Vec::new();
        for case in &self.cases {
            body.extend(case.steps().ok_or(FilterError::Rule(self.call))?);
        }
        body.push(answer(self.otherwise));
        let past = u8::try_from(body.len()).map_err(|_| FilterError::Rule(self.call))?;
        let mut steps = vec![jump(EQUAL, self.call, 0, past)];
        steps.append(&mut body);
        Ok(steps)
    }
}

impl Case {
    /// Goes on behind itself if a test does not hold. `None` if that is too far.
    fn steps(&self) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        // Places of jumps that leave the case, and whether they do if the comparison holds.
        let mut leaving: Vec<(usize, bool)> = Vec::new();
        let mut compare = |steps: &mut Vec<Step>, code, value, leaves_where_true| {
            leaving.push((steps.len(), leaves_where_true));
            steps.push(jump(code, value, 0, 0));
        };
        for test in &self.tests {
            match *test {
                Test::Bits { argument, mask, value } => {
                    steps.push(step(LOAD, low(argument)));
                    if mask != u32::MAX {
                        steps.push(step(MASK, mask));
                    }
                    compare(&mut steps, EQUAL, value, false);
                }
                Test::AtLeast(argument, value) => {
                    steps.push(step(LOAD, low(argument)));
                    compare(&mut steps, REACHES, value, false);
                }
                Test::Below(argument, value) => {
                    steps.push(step(LOAD, low(argument)));
                    compare(&mut steps, REACHES, value, true);
                }
                Test::Nothing(argument) => {
                    for half in [low(argument), low(argument) + 4] {
                        steps.push(step(LOAD, half));
                        compare(&mut steps, EQUAL, 0, false);
                    }
                }
            }
        }
        steps.push(answer(self.answer));
        for (at, where_true) in leaving {
            let distance = u8::try_from(steps.len() - at - 1).ok()?;
            let side = if where_true { &mut steps[at].jt } else { &mut steps[at].jf };
            *side = distance;
        }
        Some(steps)
    }
}

/// The offset of the lower half of an argument. Both architectures are little-endian.
fn low(argument: u8) -> u32 {
    ARGUMENTS + 8 * u32::from(argument)
}

fn step(code: u16, k: u32) -> Step {
    Step { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Step {
    Step { code, jt, jf, k }
}

fn answer(answer: Answer) -> Step {
    step(
        RETURN,
        match answer {
            Answer::Allow => libc::SECCOMP_RET_ALLOW,
            Answer::Refuse(error) => libc::SECCOMP_RET_ERRNO | u32::from(error),
            Answer::Ask => libc::SECCOMP_RET_USER_NOTIF,
            Answer::End => libc::SECCOMP_RET_KILL_PROCESS,
        },
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Runs a filter's program as the kernel's machine does.
    pub(in super::super) fn run(
        program: &[Step],
        architecture: u32,
        number: u32,
        arguments: [u64; 6],
    ) -> u32 {
        let load = |at: u32| match at {
            NUMBER => number,
            ARCHITECTURE => architecture,
            at => (arguments[((at - ARGUMENTS) / 8) as usize] >> (8 * (at % 8))) as u32,
        };
        let (mut at, mut value) = (0, 0);
        loop {
            let Step { code, jt, jf, k } = program[at];
            at += 1;
            let holds = match code {
                LOAD => {
                    value = load(k);
                    continue;
                }
                MASK => {
                    value &= k;
                    continue;
                }
                RETURN => return k,
                EQUAL => value == k,
                REACHES => value >= k,
                HAS_BITS => value & k != 0,
                other => panic!("no such step: {other}"),
            };
            at += usize::from(if holds { jt } else { jf });
        }
    }

    const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | 1;
    const UNKNOWN: u32 = libc::SECCOMP_RET_ERRNO | 38;

    fn filter() -> Filter {
        let rule = |call, cases, otherwise| Rule { call, cases, otherwise };
        let case = |tests, answer| Case { tests, answer };
        Filter {
            rules: vec![
                rule(10, vec![], Answer::Allow),
                rule(
                    20,
                    vec![
                        case(vec![is(0, 7), Test::Nothing(1)], Answer::Allow),
                        case(vec![Test::AtLeast(0, 100), Test::Below(0, 200)], Answer::Ask),
                    ],
                    Answer::Refuse(1),
                ),
                rule(
                    30,
                    vec![case(vec![Test::Bits { argument: 2, mask: 0xF0, value: 0x30 }], Answer::Allow)],
                    Answer::Refuse(1),
                ),
                rule(501, vec![], Answer::Allow),
            ],
            otherwise: Answer::Refuse(1),
            younger: (500, Answer::Refuse(38)),
        }
    }

    fn asked(number: u32, arguments: [u64; 6]) -> u32 {
        run(&filter().program().unwrap(), OWN, number, arguments)
    }

    #[test]
    fn what_is_on_no_list_is_refused_and_what_is_younger_is_unknown() {
        assert_eq!(asked(10, [0; 6]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(asked(11, [0; 6]), REFUSED);
        assert_eq!(asked(499, [0; 6]), REFUSED);
        assert_eq!(asked(500, [0; 6]), UNKNOWN);
        assert_eq!(asked(501, [0; 6]), libc::SECCOMP_RET_ALLOW);
    }

    #[test]
    fn cases_hold_where_all_of_their_tests_do_and_a_pointer_is_looked_at_whole() {
        assert_eq!(asked(20, [7, 0, 0, 0, 0, 0]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(asked(20, [7, 1, 0, 0, 0, 0]), REFUSED);
        assert_eq!(asked(20, [7, 1 << 40, 0, 0, 0, 0]), REFUSED);
        for (value, answer) in [
            (99, REFUSED),
            (100, libc::SECCOMP_RET_USER_NOTIF),
            (199, libc::SECCOMP_RET_USER_NOTIF),
            (200, REFUSED),
        ] {
            assert_eq!(asked(20, [value, 0, 0, 0, 0, 0]), answer, "{value}");
        }
        assert_eq!(asked(30, [0, 0, 0xA3F, 0, 0, 0]), libc::SECCOMP_RET_ALLOW);
        assert_eq!(asked(30, [0, 0, 0xA4F, 0, 0, 0]), REFUSED);
        // A 32-bit argument may come with anything in its upper half: the kernel does not look there.
        assert_eq!(asked(20, [7 | 5 << 32, 0, 0, 0, 0, 0]), libc::SECCOMP_RET_ALLOW);
    }

    #[test]
    fn other_architectures_and_numberings_end_the_process() {
        let program = filter().program().unwrap();
        assert_eq!(run(&program, 0x4000_0003, 10, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
        assert_eq!(run(&program, OWN, 10 | X32, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
    }

    #[test]
    fn a_rule_or_a_filter_that_is_too_long_is_an_error() {
        let case = Case { tests: vec![is(0, 1)], answer: Answer::Allow };
        let long = Rule { call: 1, cases: vec![case; 100], otherwise: Answer::Allow };
        let mut filter = Filter { rules: vec![long], ..filter() };
        assert_eq!(filter.program(), Err(FilterError::Rule(1)));
        filter.rules = (0..3000).map(|call| Rule { call, cases: vec![], otherwise: Answer::Allow }).collect();
        filter.younger.0 = 5000;
        assert_eq!(filter.program(), Err(FilterError::Whole));
    }
}
