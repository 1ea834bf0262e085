use super::*;
use crate::testing::{perform, start};

const DECLARED: &str = "chn_k \"cutoff\", 1, 3, 440, 20, 2000, 0, 0, 0, 0, \"unit(Hz)\"
chn_k \"steps\", 1, 1, 4, 0, 16
chn_k \"mix\", 3, 2, 0.5, 0, 1
chn_k \"level\", 2
chn_a \"bus\", 3
chn_S \"text\", 1
instr 1
chnset 0.25, \"made\"
endin";

#[test]
fn declared_channels_are_listed_with_their_hints() {
    let Some(csound) = start(DECLARED, "i1 0 1") else { return };
    let channels = csound.list_channels();
    let named = |name: &str| channels.iter().find(|channel| channel.name == name).unwrap();
    assert_eq!(
        *named("cutoff"),
        ChannelInfo {
            name: "cutoff".into(),
            kind: ChannelKind::Control,
            input: true,
            output: false,
            hints: Some(ChannelHints {
                behaviour: Behaviour::Exponential,
                default: 440.0,
                minimum: 20.0,
                maximum: 2000.0,
                attributes: "unit(Hz)".into(),
            }),
        }
    );
    assert_eq!(named("steps").hints.as_ref().unwrap().behaviour, Behaviour::Integer);
    let mix = named("mix");
    assert_eq!((mix.input, mix.output), (true, true));
    assert_eq!(mix.hints.as_ref().unwrap().behaviour, Behaviour::Linear);
    assert_eq!((mix.default_value(), mix.range()), (Some(0.5), Some((0.0, 1.0))));
    let level = named("level");
    assert_eq!((level.input, level.output, &level.hints), (false, true, &None));
    assert_eq!((level.default_value(), level.is_control_input()), (None, false));
    assert_eq!(named("bus").kind, ChannelKind::Audio);
    assert_eq!(named("text").kind, ChannelKind::Text);
}

#[test]
fn what_an_instrument_uses_is_listed_from_then_on() {
    let Some(mut csound) = start(DECLARED, "i1 0 1") else { return };
    let has_made = |csound: &Csound| csound.list_channels().iter().any(|channel| channel.name == "made");
    assert!(!has_made(&csound));
    perform(&mut csound, 1);
    assert!(has_made(&csound));
}

#[test]
fn without_channels_the_list_is_empty() {
    let Some(csound) = start("instr 1\nendin", "i1 0 1") else { return };
    assert_eq!(csound.list_channels(), []);
}

#[test]
fn a_control_channel_reaches_the_piece_and_comes_back() {
    let Some(mut csound) = start("instr 1\nchnset chnget:k(\"in\") * 2, \"out\"\nendin", "i1 0 1") else {
        return;
    };
    let [input, output] = [c"in", c"out"].map(|name| csound.control_channel(name).unwrap());
    for value in [1.0, -0.5, 1e300] {
        input.set(value);
        perform(&mut csound, 1);
        assert_eq!((input.get(), output.get()), (value, value * 2.0));
    }
    assert!(csound.control_channel(c"").is_none());
}

#[test]
fn a_name_of_another_kind_is_no_control_channel() {
    let Some(csound) = start(DECLARED, "i1 0 1") else { return };
    assert!(csound.control_channel(c"text").is_none());
    let handle = csound.handle();
    assert_eq!(handle.control_channel("text"), None);
    assert_eq!(handle.string_channel("cutoff"), None);
    assert!(!handle.set_control_channel("text", 1.0));
    assert!(!handle.set_string_channel("cutoff", "x"));
    assert!(!handle.set_control_channel("", 1.0));
    assert!(!handle.set_control_channel("a\0b", 1.0));
}

#[test]
fn asking_for_a_channel_does_not_make_it() {
    let Some(csound) = start("instr 1\nendin", "i1 0 1") else { return };
    assert_eq!(csound.handle().control_channel("absent"), None);
    assert_eq!(csound.handle().string_channel("absent"), None);
    assert_eq!(csound.list_channels(), []);
}

#[test]
fn a_handles_channel_is_made_before_the_next_k_cycle() {
    let orchestra = "instr 1\nchnset chnget:i(\"new\") + 1, \"seen\"\nSword chnget \"word\"\nchnset strcat(Sword, \"!\"), \"loud\"\nendin";
    let Some(mut csound) = start(orchestra, "i1 0.01 1") else { return };
    let handle = csound.handle();
    perform(&mut csound, 1);
    assert!(handle.set_control_channel("new", 1.0));
    assert!(handle.set_control_channel("new", 41.0));
    assert!(handle.set_string_channel("word", "hey"));
    assert_eq!(handle.control_channel("new"), Some(41.0));
    assert_eq!(handle.string_channel("word").as_deref(), Some("hey"));
    assert_eq!(csound.list_channels(), []);
    perform(&mut csound, 100);
    assert_eq!(handle.control_channel("new"), Some(41.0));
    assert_eq!(handle.control_channel("seen"), Some(42.0));
    assert_eq!(handle.string_channel("loud").as_deref(), Some("hey!"));
    assert!(handle.set_control_channel("new", 2.0));
    assert_eq!(handle.control_channel("new"), Some(2.0));
}

#[test]
fn a_channel_that_is_written_before_the_start_is_there_at_the_start() {
    use crate::{Csound, Io};
    if crate::testing::library().is_none() {
        return;
    }
    let mut csound = Csound::new(Io::Host).unwrap();
    csound.compile_orc(c"chnset chnget:i(\"early\") * 2, \"double\"\ninstr 1\nendin").unwrap();
    csound.handle().set_control_channel("early", 8.0);
    csound.start().unwrap();
    assert_eq!(csound.handle().control_channel("double"), Some(16.0));
}

#[test]
fn a_long_text_is_read_up_to_its_limit() {
    let Some(csound) = start(DECLARED, "i1 0 1") else { return };
    let handle = csound.handle();
    assert_eq!(handle.string_channel("text").as_deref(), Some(""));
    for len in [1, 127, 128, 5000, LONGEST_TEXT] {
        assert!(handle.set_string_channel("text", &"x".repeat(len)));
        assert_eq!(handle.string_channel("text").unwrap().len(), len);
    }
    assert!(handle.set_string_channel("text", &"y".repeat(LONGEST_TEXT + 9)));
    assert_eq!(handle.string_channel("text").unwrap().len(), LONGEST_TEXT);
}

#[test]
fn threads_read_and_write_channels_while_the_piece_does() {
    let orchestra = "instr 1
kcount init 0
kcount += 1
Sgrown init \"\"
if kcount % 50 == 0 then
  Sgrown strcatk Sgrown, \"0123456789\"
  chnset Sgrown, \"grown\"
endif
chnset kcount, \"count\"
endin";
    let Some(mut csound) = start(orchestra, "i1 0 100") else { return };
    perform(&mut csound, 60);
    let threads: Vec<_> = (0..2)
        .map(|number| {
            let handle = csound.handle();
            std::thread::spawn(move || {
                for round in 0..2000 {
                    let name = format!("{number}/{}", round % 100);
                    assert!(handle.set_control_channel(&name, f64::from(round)));
                    assert_eq!(handle.control_channel(&name), Some(f64::from(round)));
                    assert!(handle.control_channel("count").unwrap() >= 60.0);
                    let grown = handle.string_channel("grown").unwrap();
                    assert!(grown.bytes().enumerate().all(|(index, byte)| byte == b'0' + (index % 10) as u8));
                }
            })
        })
        .collect();
    while threads.iter().any(|thread| !thread.is_finished()) {
        perform(&mut csound, 1);
        std::thread::yield_now();
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    perform(&mut csound, 2);
    assert_eq!(csound.handle().control_channel("1/99"), Some(1999.0));
}
