//! The engine over libcsound in this process.

mod compile;
mod events;
mod guard;
mod samples;

use std::ffi::CString;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use csound_library::MAX_P_FIELDS;
use csound_library::{ChannelInfo, ControlChannel, Csound, CsoundHandle, Io, Library};

use super::active::{self, ActiveInstrument, Loads};
use super::cabbage::{self, Cabbage, Exchange};
use super::console::ConsoleLine;
use super::piece::{self, PreparedPiece};
use super::planes::Planes;
use super::sounding::Sounding;
use super::spec::{AtEnd, PieceSpec, Shown, StartError, Started};
use super::timing::{EventText, Rounding};
use super::turn::{Engine, Format, MAX_CHANNELS, MAX_KSMPS, MidiOut, Outcome, Turn};

use compile::{Hands, arguments, compile};
use guard::Guard;

pub use compile::lookup_code;

/// Bytes of an event as text that need no new memory.
const LONGEST_EVENT: usize = 1 << 15;

/// The current folder of the process in which a piece performs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Current {
    /// The piece's: Csound looks there by itself.
    Piece,
    /// Another's, which cannot be changed.
    Other,
}

/// libcsound, performing in this process.
pub struct LocalEngine {
    csound: Csound,
    format: Format,
    io: Io,
    rounding: Rounding,
    at_end: AtEnd,
    loop_start: f64,
    zero_dbfs: f64,
    /// The bank's channels, by index.
    channels: Vec<Option<ControlChannel>>,
    /// What the piece has let sound by MIDI: a score that begins again ends it.
    sounding: Sounding,
    /// MIDI channels on which a note was started, a bit each.
    noted: u16,
    /// Csound's word at its end; after that it is not performed again.
    ended: Option<i32>,
    late_events: u32,
    lengthened_events: u32,
    /// The score time to which the next k-cycle goes: only then does Csound move its clock.
    sought: Option<f64>,
    /// The score time at which the score is held, while it is.
    held: Option<f64>,
    /// What Csound cannot be given.
    guard: Guard,
    /// The piece's widgets, if it changes any.
    cabbage: Option<Cabbage>,
    /// What the piece's instruments took of late, while somebody looks.
    loads: Loads,
    /// Room for the samples of a k-cycle, interleaved.
    samples: Vec<f32>,
    /// Room to write the event that is handed over.
    fields: Vec<f64>,
    text: EventText,
    /// The files that the piece was compiled from; they go with the engine.
    _files: Option<TempDir>,
}

impl LocalEngine {
    /// Compiles and starts a piece. What Csound and we have to say about it goes to `console`, also
    /// if it fails.
    ///
    /// # Errors
    /// [`StartError`]; whatever else performs is not touched.
    pub fn start(
        spec: &PieceSpec,
        console: &mut dyn FnMut(ConsoleLine),
    ) -> Result<Started<Self>, StartError> {
        let folder = TempDir::with_prefix("csound-performer-")
            .map_err(|source| StartError::Folder { folder: std::env::temp_dir(), source })?;
        let mut started = Self::start_from(spec, folder.path(), Current::Other, console)?;
        started.engine._files = Some(folder);
        Ok(started)
    }

    /// The same with the piece's files in a folder of the caller's, which has to stay.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(crate) fn start_from(
        spec: &PieceSpec,
        folder: &Path,
        current: Current,
        console: &mut dyn FnMut(ConsoleLine),
    ) -> Result<Started<Self>, StartError> {
        let library = Library::of(spec.generation)?;
        let name = spec.piece.name.clone();
        let prepared = piece::prepare(&spec.piece.source, library.generation())
            .map_err(|source| StartError::Piece { name: name.clone(), source })?;
        for note in &prepared.notes {
            console(ConsoleLine::note(note.clone()));
        }
        let guard = Guard::of(&spec.piece, &prepared, library);
        guard.notes().into_iter().for_each(&mut *console);
        if let Some(reason) = cabbage::refusal(&spec.piece, library.generation()) {
            return Err(StartError::Limits { name, reason });
        }
        let cabbage = Cabbage::of(spec);
        let hands = Hands {
            takes_midi: guard.takes_events(),
            shows_graphs: cabbage.as_ref().is_some_and(Cabbage::shows_signals),
        };
        let args = arguments(spec, &prepared, (folder, current), library.generation(), hands)?;
        let csound = compile(&spec.piece, &args, (library, cabbage.as_ref()), console)?;
        let mut engine = Self::new(csound, Io::Host, sample_accurate(spec, &prepared));
        engine.guard = guard;
        engine.cabbage = cabbage;
        engine.at_end = spec.at_end;
        engine.loop_start = spec.loop_start;
        engine.check_limits(&name)?;
        let channels = engine.csound.list_channels();
        engine.set_starting_values(spec, &channels);
        if spec.score_start > 0.0 {
            engine.csound.set_score_offset_seconds(spec.score_start);
        }
        let instrument = spec.instrument.as_deref().and_then(|name| engine.number_of(name));
        let csound = Some(library.version());
        let opcodes = if spec.lists_opcodes { engine.csound.opcodes() } else { Vec::new() };
        Ok(Started { engine, shown: Shown { channels, instrument, csound, opcodes, ..Shown::default() } })
    }

    /// An engine over an instance that its owner compiled, with Csound's own audio and MIDI: what
    /// the performance thread drives.
    pub fn of(csound: Csound) -> Self {
        let accurate = csound.is_sample_accurate();
        Self::new(csound, Io::Own, accurate)
    }

    /// A handle onto the instance.
    pub fn handle(&self) -> CsoundHandle {
        self.csound.handle()
    }

    fn new(csound: Csound, io: Io, sample_accurate: bool) -> Self {
        let format = Format {
            sample_rate: csound.sample_rate(),
            ksmps: (csound.ksmps() as usize).max(1),
            inputs: csound.nchnls_input() as usize,
            outputs: csound.nchnls() as usize,
            sample_accurate,
        };
        let zero_dbfs = csound.zero_dbfs();
        let rounds = csound.library().rounds_events_to_cycles();
        Self {
            csound,
            format,
            io,
            rounding: if rounds { Rounding::ToCycle } else { Rounding::ToFrame },
            at_end: AtEnd::Stop,
            loop_start: 0.0,
            zero_dbfs,
            channels: Vec::new(),
            sounding: Sounding::default(),
            noted: 0,
            ended: None,
            late_events: 0,
            lengthened_events: 0,
            sought: None,
            held: None,
            guard: Guard::default(),
            cabbage: None,
            loads: Loads::default(),
            samples: vec![0.0; format.ksmps * format.outputs],
            fields: Vec::with_capacity(MAX_P_FIELDS),
            text: EventText::with_capacity(LONGEST_EVENT),
            _files: None,
        }
    }

    fn check_limits(&self, name: &str) -> Result<(), StartError> {
        let over = |what: &str, is: usize, most: usize| StartError::Limits {
            name: name.to_owned(),
            reason: format!("its {what} is {is}; in a host it can be at most {most}"),
        };
        if self.format.ksmps > MAX_KSMPS {
            return Err(over("ksmps", self.format.ksmps, MAX_KSMPS));
        }
        if self.format.outputs > MAX_CHANNELS {
            return Err(over("nchnls", self.format.outputs, MAX_CHANNELS));
        }
        if self.format.inputs > MAX_CHANNELS {
            return Err(over("nchnls_i", self.format.inputs, MAX_CHANNELS));
        }
        Ok(())
    }

    fn set_starting_values(&mut self, spec: &PieceSpec, channels: &[ChannelInfo]) {
        if spec.channel_defaults {
            for channel in channels {
                if let Some(default) = channel.default_value() {
                    self.set_channel(&channel.name, default);
                }
            }
        }
        for (name, value) in &spec.channel_values {
            self.set_channel(name, *value);
        }
        for (name, text) in &spec.channel_texts {
            self.handle().set_string_channel(name, text);
        }
    }

    /// The number of a named instrument, asked of Csound before the first k-cycle.
    fn number_of(&mut self, name: &str) -> Option<u16> {
        let number = self.csound.eval(&lookup_code(name)?).ok()?;
        (1.0..=f64::from(u16::MAX)).contains(&number).then_some(number as u16)
    }

    fn set_channel(&self, name: &str, value: f64) {
        if let Some(channel) = self.control_channel(name) {
            channel.set(value);
        }
    }

    fn control_channel(&self, name: &str) -> Option<ControlChannel> {
        self.csound.control_channel(&CString::new(name).ok()?)
    }

    /// One k-cycle, or the end.
    fn cycle(&mut self) -> Result<(), i32> {
        let mut result = self.csound.perform_ksmps();
        if result > 0 && self.at_end == AtEnd::Loop {
            self.csound.set_score_offset_seconds(self.loop_start);
            self.csound.rewind_score();
            self.sounding.interrupt();
            result = self.csound.perform_ksmps();
        }
        if let (0, Some(cabbage)) = (result, &self.cabbage) {
            cabbage.hear(&self.csound);
        }
        match result {
            0 => Ok(()),
            end => Err(end),
        }
    }

    fn write_input(&mut self, input: &Planes, at: usize) {
        if self.io == Io::Own || self.format.inputs == 0 {
            return;
        }
        let (inputs, scale) = (self.format.inputs, self.zero_dbfs);
        let spin = self.csound.spin();
        if inputs == 2 && input.channels() >= 2 {
            samples::give_pair(&input.channel(0)[at..], &input.channel(1)[at..], scale, spin);
            return;
        }
        for channel in 0..inputs.min(input.channels()) {
            samples::give_channel(&input.channel(channel)[at..], scale, inputs, channel, spin);
        }
    }

    /// Copies a k-cycle's output, at full scale 1.0, and counts what was not finite.
    ///
    /// Csound's own file writer multiplies by the reciprocal of 0dbfs and rounds to 32 bits: so
    /// does this, for equality bit for bit.
    fn read_output(&mut self, output: &mut Planes, at: usize) -> u32 {
        let (outputs, scale) = (self.format.outputs, 1.0 / self.zero_dbfs);
        let non_finite = samples::to_samples(self.csound.spout(), scale, &mut self.samples);
        let frames = at..at + self.format.ksmps;
        match output.first_pair_mut().filter(|_| outputs == 2) {
            Some([left, right]) => {
                samples::take_pair(&self.samples, &mut left[frames.clone()], &mut right[frames]);
            }
            None => {
                for channel in 0..outputs.min(output.channels()) {
                    let plane = &mut output.channel_mut(channel)[frames.clone()];
                    samples::take_channel(&self.samples, outputs, channel, plane);
                }
            }
        }
        non_finite
    }

    fn collect_midi(&mut self, cycle: usize, into: &mut Vec<MidiOut>) {
        self.sounding.end(cycle, into);
        while let Some(message) = self.csound.pop_midi_out() {
            self.sounding.follow(message);
            if into.len() < into.capacity() {
                into.push(MidiOut { cycle, message });
            }
        }
    }
}

impl Engine for LocalEngine {
    fn format(&self) -> Format {
        self.format
    }

    fn perform(&mut self, turn: &mut Turn<'_>) -> Outcome {
        let ksmps = self.format.ksmps;
        let mut outcome = Outcome::default();
        let mut events = turn.events.iter_mut().peekable();
        self.late_events = 0;
        self.lengthened_events = 0;
        if let Some(cabbage) = &self.cabbage {
            cabbage.draw_tables(&mut self.csound);
        }
        for cycle in 0..turn.span.cycles.max(1) {
            while let Some(event) = events.next_if(|event| event.cycle <= cycle) {
                if self.ended.is_none() {
                    self.apply(event);
                }
            }
            if turn.span.cycles == 0 || self.ended.is_some() {
                break;
            }
            self.write_input(turn.input, turn.span.input_at + cycle * ksmps);
            if let Err(end) = self.cycle() {
                self.ended = Some(end);
                break;
            }
            let at = turn.span.output_at + cycle * ksmps;
            outcome.non_finite += self.read_output(turn.output, at);
            self.collect_midi(cycle, turn.midi_out);
            outcome.performed += 1;
            self.sought = None;
        }
        let performed = outcome.performed * ksmps;
        if let Some(cabbage) = &mut self.cabbage {
            cabbage.look_at_tables(&self.csound, performed);
            cabbage.look_at_signals(&self.csound, performed);
            cabbage.send();
        }
        turn.output.silence(turn.span.output_at + performed, turn.span.cycles * ksmps - performed);
        outcome.end = self.ended;
        outcome.late_events = self.late_events;
        outcome.lengthened_events = self.lengthened_events;
        outcome.score_time = self.held.or(self.sought).unwrap_or_else(|| self.csound.score_time());
        outcome.frames = self.csound.current_time_samples();
        outcome
    }

    fn bind(&mut self, names: &[Option<String>]) {
        self.channels =
            names.iter().map(|name| name.as_deref().and_then(|name| self.control_channel(name))).collect();
    }

    fn read_channels(&self, values: &mut [f64]) {
        for (value, channel) in values.iter_mut().zip(&self.channels) {
            if let Some(channel) = channel {
                *value = channel.get();
            }
        }
    }

    fn count_active(&mut self, into: &mut Vec<ActiveInstrument>) {
        into.clear();
        self.csound.time_instances(true);
        self.csound.each_instance(|p1| active::count(into, p1));
        let cycle = self.format.ksmps as f64 / self.format.sample_rate;
        self.loads.follow(into, &self.csound.take_times(), cycle);
    }

    fn stop_counting(&mut self) {
        self.csound.time_instances(false);
        self.loads.clear();
    }

    fn panel(&self) -> Option<Arc<Exchange>> {
        self.cabbage.as_ref().map(Cabbage::exchange)
    }

    fn csound(&self) -> Option<CsoundHandle> {
        Some(self.handle())
    }
}

fn sample_accurate(spec: &PieceSpec, prepared: &PreparedPiece) -> bool {
    spec.sample_accurate || prepared.sample_accurate
}
