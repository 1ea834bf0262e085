//! How long the instances of each instrument take of the k-cycles.
//!
//! Csound measures no such thing. But it goes through the opcodes of an instance as a chain, and how a link of that
//! begins in memory is what its headers declare for whoever writes opcodes. A link of ours, put before the first of an
//! instance, is performed when the instance's turn comes: it notes the time, and changes nothing. What passes until the
//! next one is noted, or until the k-cycle ends, is that instance's.
//!
//! A link stays where it is: an instance that has ended is used for the next note of its instrument, links and all. It
//! is given back after Csound is destroyed. While nobody measures it does nothing.
//!
//! Instances that have begun since links were put last are not told apart from those before them; neither is what
//! several threads perform at once (`-j`), for which there are no times.

use std::ffi::{c_int, c_void};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::instance::thread_number;
use crate::library::functions::CSOUND;

/// Turns of instances that are noted in a k-cycle; the last of them has the time of those that find no place.
const MOST_NOTED: usize = 4096;

/// Links that are put in the life of an instance of Csound.
const MOST_LINKS: usize = 1 << 14;

/// Instruments whose times are kept are those of lower numbers. Names get the first that are free.
const MOST_INSTRUMENTS: usize = 4096;

/// Pointers that a link begins with, in whatever version has the most.
const HEADER: usize = 8;

/// The place of a link's next one, and of an instance's first: the same in all versions.
const NEXT: usize = 1;

/// Bits of a note that are the time since the k-cycle began, in nanoseconds; the rest is the instrument.
const TIME: u32 = 40;

/// Where a version of Csound has the parts of a link, as places in a row of pointers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkPlaces {
    /// The function that performs it.
    pub(crate) perform: usize,
    /// What the orchestra says of it.
    pub(crate) text: usize,
    /// The instance that it belongs to.
    pub(crate) instance: usize,
}

/// The links of an instance of Csound, and what they note.
pub(crate) struct Stopwatch {
    /// Where links find it.
    notes: Box<Notes>,
    /// How the links of this Csound are laid out.
    places: LinkPlaces,
    links: Mutex<Links>,
}

/// How long instruments took.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// k-cycles that were measured.
    pub cycles: u64,
    /// Several threads perform, and what each instrument takes is not known.
    pub is_spread: bool,
    /// The time of each instrument's instances in them, in the place of its number.
    instruments: Vec<Duration>,
}

#[derive(Default)]
struct Links(Vec<NonNull<Link>>);

// SAFETY: a link is a piece of memory of ours; it is read by Csound's perform thread and freed when Csound is gone.
unsafe impl Send for Links {}

impl Drop for Links {
    fn drop(&mut self) {
        for link in self.0.drain(..) {
            // SAFETY: it came of a box and is given back once: the stopwatch goes after Csound's instance, which
            // alone knew of it.
            drop(unsafe { Box::from_raw(link.as_ptr()) });
        }
    }
}

/// A link as Csound sees it, and what it is for.
#[repr(C)]
struct Link {
    header: [*mut c_void; HEADER],
    notes: *const Notes,
    instrument: u32,
}

/// What the links note in a k-cycle.
struct Notes {
    /// Times are counted from here.
    origin: Instant,
    is_measuring: AtomicBool,
    /// The thread that performs, by its number.
    thread: AtomicU64,
    /// Another thread has performed instances.
    is_spread: AtomicBool,
    count: AtomicUsize,
    noted: Box<[AtomicU64]>,
}

/// A time within a k-cycle: what is left of it after [`TIME`] bits begins anew every eighteen minutes.
const TIMES: u64 = (1 << TIME) - 1;

impl Notes {
    fn now(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64 & TIMES
    }

    /// Notes that the turn of an instrument's instance has come. It neither waits nor takes memory.
    fn note(&self, instrument: u32) {
        if !self.is_measuring.load(Ordering::Relaxed) {
            return;
        }
        if self.thread.load(Ordering::Relaxed) != thread_number() {
            self.is_spread.store(true, Ordering::Relaxed);
            return;
        }
        let count = self.count.load(Ordering::Relaxed);
        // Its own loops, and its passes by a `ksmps` of its own, come here again.
        let last = count.checked_sub(1).and_then(|last| self.noted.get(last));
        if last.is_some_and(|last| last.load(Ordering::Relaxed) >> TIME == u64::from(instrument)) {
            return;
        }
        if let Some(place) = self.noted.get(count) {
            place.store(u64::from(instrument) << TIME | self.now(), Ordering::Relaxed);
            self.count.store(count + 1, Ordering::Relaxed);
        }
    }
}

impl Stopwatch {
    /// For a Csound whose links are laid out so.
    pub(crate) fn new(places: LinkPlaces) -> Self {
        let notes = Notes {
            origin: Instant::now(),
            is_measuring: AtomicBool::new(false),
            thread: AtomicU64::new(0),
            is_spread: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            noted: (0..MOST_NOTED).map(|_| AtomicU64::new(0)).collect(),
        };
        Self { notes: Box::new(notes), places, links: Mutex::default() }
    }

    /// Puts a link before the first of an instance, if there is none yet. Between k-cycles.
    ///
    /// # Safety
    /// It is an instance of an instrument, not of an opcode in the orchestra (into whose first links Csound 7 writes).
    /// Its Csound is the one that this was made for, is alive and performs nothing meanwhile, and this stays where it is
    /// until that is destroyed.
    pub(crate) unsafe fn follow(&self, instance: *mut c_void, instrument: u32) {
        let places = self.places;
        let Some(instance) = NonNull::new(instance.cast::<*mut c_void>()) else { return };
        // SAFETY: the caller's promise: an instance begins as a link does, and the next of both is a link or null.
        let (chain, first) = unsafe {
            let chain = instance.add(NEXT);
            (chain, NonNull::new(chain.read().cast::<*mut c_void>()))
        };
        let Some(first) = first else { return };
        // SAFETY: as above.
        let [perform, text, owner] =
            [places.perform, places.text, places.instance].map(|place| unsafe { first.add(place).read() });
        // What is laid out otherwise than we know belongs to something else.
        if perform == begin as *mut c_void || owner != instance.as_ptr().cast() {
            return;
        }
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if links.0.len() >= MOST_LINKS {
            return;
        }
        let mut header = [std::ptr::null_mut(); HEADER];
        header[NEXT] = first.as_ptr().cast();
        header[places.perform] = begin as *mut c_void;
        header[places.text] = text;
        header[places.instance] = owner;
        let link = Box::new(Link { header, notes: &raw const *self.notes, instrument });
        let link = NonNull::from(Box::leak(link));
        links.0.push(link);
        // SAFETY: nothing goes through the chain meanwhile, by the caller's promise; the link leads on to what was
        // first.
        unsafe { chain.write(link.as_ptr().cast()) };
    }

    /// A k-cycle begins, on this thread.
    pub(crate) fn begin(&self) -> CycleBegan {
        self.notes.thread.store(thread_number(), Ordering::Relaxed);
        self.notes.count.store(0, Ordering::Relaxed);
        self.notes.is_measuring.store(true, Ordering::Relaxed);
        CycleBegan(())
    }

    /// It has ended: adds the times that were noted.
    pub(crate) fn end(&self, _: CycleBegan, into: &mut Times) {
        self.notes.is_measuring.store(false, Ordering::Relaxed);
        into.is_spread |= self.notes.is_spread.load(Ordering::Relaxed);
        into.cycles += 1;
        let mut until = self.notes.now();
        let count = self.notes.count.load(Ordering::Relaxed);
        for noted in self.notes.noted.iter().take(count).rev() {
            let noted = noted.load(Ordering::Relaxed);
            let took = Duration::from_nanos(until.wrapping_sub(noted) & TIMES);
            into.add((noted >> TIME) as u32, took);
            until = noted & TIMES;
        }
    }
}

/// Nothing measures before it has begun.
#[must_use]
pub(crate) struct CycleBegan(());

impl Times {
    /// With room for all instruments that are told apart.
    pub fn with_room() -> Self {
        Self { instruments: vec![Duration::ZERO; MOST_INSTRUMENTS], ..Self::default() }
    }

    /// Adds to what an instrument took. It takes no memory.
    pub fn add(&mut self, instrument: u32, took: Duration) {
        if let Some(sum) = self.instruments.get_mut(instrument as usize) {
            *sum += took;
        }
    }

    /// What an instrument took; none of one whose time is not kept.
    pub fn of(&self, instrument: u32) -> Option<Duration> {
        self.instruments.get(instrument as usize).copied()
    }

    /// The share of a processor that an instrument takes where a k-cycle lasts so many seconds: 1.0 is all of it. None
    /// where nothing was measured, also where several threads perform.
    pub fn share(&self, instrument: u32, cycle: f64) -> Option<f64> {
        let seconds = self.cycles as f64 * cycle;
        let took = self.of(instrument).filter(|_| seconds > 0.0 && !self.is_spread)?;
        Some(took.as_secs_f64() / seconds)
    }
}

/// What Csound calls when an instance's turn comes. It does nothing to it.
extern "C" fn begin(_: *mut CSOUND, link: *mut c_void) -> c_int {
    // SAFETY: Csound calls with the link that has this function, which is one of ours, and stays as long as Csound does.
    if let Some(link) = unsafe { link.cast::<Link>().as_ref() } {
        // SAFETY: the notes are the stopwatch's, which stays as long.
        if let Some(notes) = unsafe { link.notes.as_ref() } {
            notes.note(link.instrument);
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Csound;
    use crate::testing::start;

    /// Two instruments, one of which has a hundred times as much to do, in several notes.
    const INSTRUMENTS: &str = "instr 1\na1 oscili 0.1, 440\nendin\n\
        instr 2\nk1 = 0\nwhile k1 < 2000 do\nk1 += 1\nod\nendin\ninstr 3\nendin\n";

    #[test]
    fn an_instrument_has_the_time_that_its_instances_take() {
        let score = "i1 0 1000\ni2 0 1000\ni2.1 0 0.5\ni3 0 1000\n";
        let Some(mut csound) = start(INSTRUMENTS, score) else { return };
        let perform = |csound: &mut Csound, cycles: usize| {
            (0..cycles).for_each(|_| assert_eq!(csound.perform_ksmps(), 0));
        };
        csound.time_instances(true);
        perform(&mut csound, 10);
        let mut count = 0;
        csound.each_instance(|_| count += 1);
        assert_eq!(count, 4);
        let before = csound.take_times();
        assert_eq!([before.of(1), before.of(2)], [Some(Duration::ZERO); 2], "nothing was followed yet");
        let began = std::time::Instant::now();
        perform(&mut csound, 2000);
        let (all, times) = (began.elapsed(), csound.take_times());
        assert_eq!(times.cycles, 2000);
        let of = |number: u32| times.of(number).unwrap();
        assert!(of(1) > Duration::ZERO && of(2) > of(1) * 5, "{:?} and {:?}", of(1), of(2));
        assert!(of(1) + of(2) <= all, "{:?} and {:?} of {all:?}", of(1), of(2));
        let share = times.share(2, 0.001).unwrap();
        assert!((share - of(2).as_secs_f64() / 2.0).abs() < 1e-9, "{share}");
        assert_eq!([times.share(9, 0.001), times.share(1 << 30, 0.001)], [Some(0.0), None]);
        // One has ended, and begins anew; links stay single.
        for _ in 0..3 {
            csound.score_event(b'i', &[2.1, 0.0, 0.01]);
            perform(&mut csound, 200);
            csound.each_instance(|_| ());
        }
        csound.time_instances(false);
        perform(&mut csound, 100);
        assert_eq!(csound.take_times().cycles, 0);
    }

    /// Nothing is linked by them here.
    const PLACES: LinkPlaces = LinkPlaces { perform: 0, text: 0, instance: 0 };

    #[test]
    fn what_several_threads_perform_has_no_times() {
        let stopwatch = Stopwatch::new(PLACES);
        let mut times = Times::with_room();
        let began = stopwatch.begin();
        stopwatch.notes.note(1);
        stopwatch.end(began, &mut times);
        assert!(times.cycles == 1 && times.share(1, 1.0).is_some());
        let began = stopwatch.begin();
        std::thread::scope(|scope| scope.spawn(|| stopwatch.notes.note(1)).join()).unwrap();
        stopwatch.end(began, &mut times);
        assert!(times.is_spread && times.share(1, 1.0).is_none());
    }

    #[test]
    fn more_than_there_is_room_for_is_not_noted_and_one_in_a_loop_is_noted_once() {
        let (stopwatch, mut times) = (Stopwatch::new(PLACES), Times::with_room());
        stopwatch.notes.note(1);
        assert_eq!(stopwatch.notes.count.load(Ordering::Relaxed), 0, "nothing between k-cycles");
        let began = stopwatch.begin();
        (0..100_000).for_each(|_| stopwatch.notes.note(7));
        assert_eq!(stopwatch.notes.count.load(Ordering::Relaxed), 1);
        (0..100_000).for_each(|number| stopwatch.notes.note(number % 5));
        assert_eq!(stopwatch.notes.count.load(Ordering::Relaxed), MOST_NOTED);
        stopwatch.end(began, &mut times);
        assert!(times.of(7).unwrap() > Duration::ZERO);
    }

    #[test]
    fn what_is_heard_is_the_same_with_times_and_without() {
        let loops =
            "k1 init 0\nagain:\nk1 += 1\nif k1 % 3 != 0 kgoto again\na1 oscili k1 % 7, 100 * p4\nout a1";
        let own = "opcode Twice, a, a\nsetksmps 1\na1 xin\nxout a1 * 2\nendop";
        let twice = "a1 Twice oscili:a(0.5, 30)\nout a1\nturnoff2 1, 0, 1";
        let text = format!("instr 1\n{loops}\nendin\n{own}\ninstr 2\n{twice}\nendin\n");
        let score = "i1 0 2 1\ni1 0.1 0.3 2\ni2 0.2 1\ni1 0.4 0.1 3\ni1 0.6 -1 1\n";
        let heard = |mut csound: Csound, is_timed: bool| {
            csound.time_instances(is_timed);
            let mut samples = Vec::new();
            for cycle in 0..9000 {
                if csound.perform_ksmps() != 0 {
                    break;
                }
                if cycle % 7 == 0 {
                    csound.each_instance(|_| ());
                }
                samples.extend_from_slice(csound.spout());
            }
            samples
        };
        let Some(csound) = start(&text, score) else { return };
        let with = heard(csound, true);
        let Some(csound) = start(&text, score) else { return };
        let without = heard(csound, false);
        assert!(with.iter().any(|sample| *sample != 0.0) && with.len() > 10_000);
        assert!(with == without, "it is heard");
    }
}
