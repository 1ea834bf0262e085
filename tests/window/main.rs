//! The editor in real windows, on a screen in memory: embedded through CLAP and VST3, opened and closed while a
//! piece plays. A program of its own, because the editor finds its screen by the environment.

#[cfg(target_os = "linux")]
#[path = "../common/mod.rs"]
mod common;

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "no pictures are compared here")]
#[path = "../editor/canvas.rs"]
mod canvas;

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "only places are asked for")]
#[path = "../editor/desk.rs"]
mod desk;

#[cfg(target_os = "linux")]
mod drawing;

#[cfg(target_os = "linux")]
mod drops;

#[cfg(target_os = "linux")]
mod five_minutes;

#[cfg(target_os = "linux")]
mod keys;

#[cfg(target_os = "linux")]
mod menus;

#[cfg(target_os = "linux")]
mod presets;

#[cfg(target_os = "linux")]
mod vst3;

#[cfg(not(target_os = "linux"))]
fn main() {}

#[cfg(target_os = "linux")]
fn main() {
    use test_host::screen::{Screen, Xvfb};

    let server = Xvfb::start(1280, 1000);
    if common::is_missing("Xvfb", server.is_ok()) || common::libcsound_is_missing() {
        return;
    }
    let server = server.unwrap();
    let no_settings = tempfile::tempdir().unwrap();
    let programs = five_minutes::Programs::new();
    // SAFETY: no other thread has been started yet.
    unsafe {
        // Each window has threads of its own. With pools of memory for each thread it would be chance
        // how much is kept for the next.
        libc::mallopt(libc::M_ARENA_MAX, 1);
        std::env::set_var("DISPLAY", server.display());
        std::env::set_var("LIBGL_ALWAYS_SOFTWARE", "1");
        programs.answer();
        std::env::set_var("XDG_CONFIG_HOME", no_settings.path());
        // Drafts of programs that were killed are offered.
        std::env::set_var("XDG_STATE_HOME", no_settings.path());
        // What a new instance performs without a session.
        std::env::set_var("CSOUND_PERFORMER_PIECE", common::pieces().join("demo.csd"));
    }
    let screen = Screen::connect(server.display()).unwrap();
    let wanted: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part));
    // As cargo's own harness prints it, for whoever looks through the output. One test's failure says nothing of
    // the next.
    std::panic::set_hook(Box::new(|what| println!("\n---- window stdout ----\n{what}")));
    let mut failed = Vec::new();
    for (name, test) in tests::ALL.into_iter().filter(|(name, _)| is_wanted(name)) {
        print!("test {name} ... ");
        let passed = std::panic::catch_unwind(|| test(&screen)).is_ok();
        println!("{}", if passed { "ok" } else { "FAILED" });
        failed.extend((!passed).then_some(name));
    }
    let _ = std::panic::take_hook();
    wait_for_windows();
    if !failed.is_empty() {
        println!("failures:\n    {}", failed.join("\n    "));
        std::process::exit(101);
    }
    // It passes where each of them does.
    if wanted.is_empty() && test_host::testing::again_over_csound_7(&[]) {
        assert_eq!(csound_library::Library::get().unwrap().generation(), csound_library::Generation::Seven);
    }
}

/// Waits until the threads of windows have ended: one that still closes its connection when the screen goes, as this
/// program ends, takes the whole program down.
#[cfg(target_os = "linux")]
fn wait_for_windows() {
    let began = std::time::Instant::now();
    let threads = || std::fs::read_dir("/proc/self/task").into_iter().flatten().count();
    while threads() > 1 && began.elapsed() < std::time::Duration::from_secs(10) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[cfg(target_os = "linux")]
mod tests {
    use std::time::{Duration, Instant};

    use test_host::host::{Block, Host, INSTRUMENT, Instance, Transport};
    use test_host::screen::{Listener, Picture, Screen};
    use test_host::session::{AtEnd, Session};

    use crate::common::{pieces, playing, plugin};
    use crate::vst3::Editor;

    type Test = fn(&Screen);

    // The first one wants a user who has opened nothing yet.
    pub const ALL: [(&str, Test); 19] = [
        ("the_first_five_minutes_of_the_readme", crate::five_minutes::the_first_five_minutes_of_the_readme),
        ("a_picture_of_ours_is_the_one_of_opengl", crate::drawing::a_picture_of_ours_is_the_one_of_opengl),
        ("it_is_embedded_through_vst3", it_is_embedded_through_vst3),
        ("the_editor_shows_the_piece_in_a_host_s_window", the_editor_shows_the_piece_in_a_host_s_window),
        ("it_takes_another_size", it_takes_another_size),
        ("a_host_is_told_the_size_of_a_finer_screen", a_host_is_told_the_size_of_a_finer_screen),
        ("two_editors_are_open_at_once", two_editors_are_open_at_once),
        (
            "opening_and_closing_is_not_heard_and_leaves_nothing",
            opening_and_closing_is_not_heard_and_leaves_nothing,
        ),
        ("keys_go_to_the_editor_or_to_the_host", crate::keys::keys_go_to_the_editor_or_to_the_host),
        (
            "a_key_that_the_user_chooses_is_ours_and_the_usual_one_the_host_s",
            crate::keys::a_key_that_the_user_chooses_is_ours_and_the_usual_one_the_host_s,
        ),
        ("what_a_host_sends_back_goes_no_further", crate::keys::what_a_host_sends_back_goes_no_further),
        ("an_accent_waits_for_its_letter", crate::keys::an_accent_waits_for_its_letter),
        (
            "a_key_that_is_held_repeats_itself_and_plays_one_note",
            crate::keys::a_key_that_is_held_repeats_itself_and_plays_one_note,
        ),
        ("a_piece_that_is_dropped_opens", crate::drops::a_piece_that_is_dropped_opens),
        (
            "a_sound_reaches_the_control_it_is_dropped_on",
            crate::drops::a_sound_reaches_the_control_it_is_dropped_on,
        ),
        ("a_clap_host_s_menu_is_in_ours", crate::menus::a_clap_host_s_menu_is_in_ours),
        ("a_vst3_host_s_menu_is_in_ours", crate::menus::a_vst3_host_s_menu_is_in_ours),
        (
            "a_vst3_host_hears_of_a_preset_that_is_taken_by_keys",
            crate::presets::a_vst3_host_hears_of_a_preset_that_is_taken_by_keys,
        ),
        (
            "a_clap_host_hears_of_a_preset_that_is_taken_by_keys",
            crate::presets::a_clap_host_hears_of_a_preset_that_is_taken_by_keys,
        ),
    ];

    /// Frames of a block.
    pub const FRAMES: usize = 480;

    /// How often the editor is opened and closed.
    const TIMES: usize = 200;

    pub fn instance(host: &Host, piece: &str) -> Instance {
        let session = Session::from_file(&pieces().join(piece)).unwrap();
        let state = Session { at_end: AtEnd::Keep, ..session }.state().unwrap();
        playing(host, INSTRUMENT, &state, FRAMES as u32)
    }

    /// One block of an instance, which has played so many.
    pub fn play(instance: &mut Instance, blocks: &mut usize) -> Vec<Vec<f32>> {
        let seconds = (*blocks * FRAMES) as f64 / 48_000.0;
        *blocks += 1;
        let transport = Transport { playing: true, seconds, tempo: 120.0, looped: None };
        let block = Block { frames: FRAMES, transport: Some(transport), ..Block::default() };
        let heard = instance.process(block).unwrap().output;
        instance.idle();
        heard
    }

    /// Plays until a window shows what is looked for.
    pub fn until(
        what: &str,
        (screen, window): (&Screen, u32),
        mut play: impl FnMut(),
        there: impl Fn(&Picture) -> bool,
    ) -> Picture {
        let began = Instant::now();
        loop {
            play();
            std::thread::sleep(Duration::from_millis(10));
            let picture = screen.picture(window).unwrap();
            if there(&picture) {
                return picture;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        }
    }

    /// An editor's text and lines have many shades; an empty window has one.
    pub fn is_drawn(picture: &Picture) -> bool {
        picture.colours() > 100
    }

    pub fn keep(picture: &Picture, name: &str) {
        let folder = test_host::project::target_dir().join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        picture.write(&folder.join(name)).unwrap();
    }

    fn the_editor_shows_the_piece_in_a_host_s_window(screen: &Screen) {
        let host = Host::load(plugin()).unwrap();
        let mut instance = instance(&host, "demo.csd");
        let window = screen.window(960, 640).unwrap();
        assert_eq!(screen.picture(window).unwrap().colours(), 1, "the window is empty at first");
        assert_eq!(instance.open_editor(window).unwrap(), (960, 640));
        let (mut blocks, place) = (0, (screen, window));
        let mut play = || drop(play(&mut instance, &mut blocks));
        let first = until("the editor", place, &mut play, is_drawn);
        let later = until("what moves", place, play, |picture| is_drawn(picture) && *picture != first);
        keep(&later, "clap.png");
        instance.close_editor().unwrap();
        screen.close(window).unwrap();
    }

    fn it_takes_another_size(screen: &Screen) {
        let host = Host::load(plugin()).unwrap();
        let mut instance = instance(&host, "demo.csd");
        let window = screen.window(800, 500).unwrap();
        instance.open_editor(window).unwrap();
        assert_eq!(instance.resize_editor(800, 500).unwrap(), (800, 500));
        // The lowest lines are the status line's, which a larger editor has further down.
        let fits = |picture: &Picture| {
            let lowest = &picture.rgb[picture.rgb.len() - 25 * picture.width as usize * 3..];
            is_drawn(picture) && lowest.chunks_exact(3).any(|pixel| pixel[0] > 100)
        };
        let mut blocks = 0;
        let picture =
            until("the smaller editor", (screen, window), || drop(play(&mut instance, &mut blocks)), fits);
        keep(&picture, "clap-800x500.png");
        instance.close_editor().unwrap();
        screen.close(window).unwrap();
    }

    fn a_host_is_told_the_size_of_a_finer_screen(screen: &Screen) {
        screen.set_dots_per_inch(120).unwrap();
        let host = Host::load(plugin()).unwrap();
        let mut instance = instance(&host, "demo.csd");
        let listener = Listener::open(&std::env::var("DISPLAY").unwrap(), 1200, 800).unwrap();
        // 960 and 640 points.
        assert_eq!(instance.open_editor(listener.window()).unwrap(), (1200, 800));
        let mut blocks = 0;
        let place = (screen, listener.window());
        let picture = until("the editor", place, || drop(play(&mut instance, &mut blocks)), is_drawn);
        keep(&picture, "clap-fine.png");
        let editor = screen.picture(listener.editor().unwrap()).unwrap();
        assert_eq!((editor.width, editor.height), (1200, 800));
        instance.close_editor().unwrap();
        screen.set_dots_per_inch(96).unwrap();
    }

    fn two_editors_are_open_at_once(screen: &Screen) {
        let host = Host::load(plugin()).unwrap();
        let (mut first, mut second) = (instance(&host, "demo.csd"), instance(&host, "midi_synth.csd"));
        let windows = [screen.window(640, 400).unwrap(), screen.window(640, 400).unwrap()];
        first.open_editor(windows[0]).unwrap();
        second.open_editor(windows[1]).unwrap();
        // The later window covers the earlier one.
        let (mut blocks, mut more) = (0, 0);
        let mut both = || {
            play(&mut first, &mut blocks);
            play(&mut second, &mut more);
        };
        until("the second editor", (screen, windows[1]), &mut both, is_drawn);
        second.close_editor().unwrap();
        drop(second);
        screen.close(windows[1]).unwrap();
        let alone = || drop(play(&mut first, &mut blocks));
        until("the first editor", (screen, windows[0]), alone, is_drawn);
        first.close_editor().unwrap();
        screen.close(windows[0]).unwrap();
    }

    fn opening_and_closing_is_not_heard_and_leaves_nothing(screen: &Screen) {
        let host = Host::load(plugin()).unwrap();
        let (mut watched, mut alone) = (instance(&host, "demo.csd"), instance(&host, "demo.csd"));
        let (mut blocks, mut blocks_alone) = (0, 0);
        let window = screen.window(640, 400).unwrap();
        let mut loud = false;
        let mut before = None;
        for time in 1..=TIMES {
            watched.open_editor(window).unwrap();
            let both = || {
                let with = play(&mut watched, &mut blocks);
                assert!(with == play(&mut alone, &mut blocks_alone), "opened {time} times, it is heard");
                loud |= with[0].iter().any(|sample| sample.abs() > 0.05);
            };
            until("the editor", (screen, window), both, is_drawn);
            watched.close_editor().unwrap();
            // What is loaded once stays: drivers, fonts.
            if time == 20 {
                before = Some(Use::now());
            }
        }
        assert!(loud, "the piece is silent, so nothing was compared");
        let before = before.unwrap();
        // A window's thread ends a little after it.
        let began = Instant::now();
        loop {
            let after = Use::now();
            let little = after.descriptors <= before.descriptors + 4 && after.threads <= before.threads + 2;
            if little && after.kilobytes <= before.kilobytes + 60_000 {
                println!("{before:?}, {TIMES} openings: {after:?}");
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{before:?} became {after:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn it_is_embedded_through_vst3(screen: &Screen) {
        let window = screen.window(960, 640).unwrap();
        let bundle = test_host::bundle::dev_bundle().unwrap().vst3;
        for time in 0..3 {
            let editor = Editor::open(&bundle, window);
            assert_eq!(editor.size(), (960, 640));
            let picture = until("the editor", (screen, window), || editor.idle(), is_drawn);
            if time == 0 {
                keep(&picture, "vst3.png");
                editor.resize(800, 500);
                let smaller = |picture: &Picture| {
                    // What the editor leaves of the window is its background.
                    let line = &picture.rgb[picture.rgb.len() - picture.width as usize * 3..];
                    is_drawn(picture) && line.iter().all(|value| *value == 0)
                };
                until("the smaller editor", (screen, window), || editor.idle(), smaller);
            }
        }
        screen.close(window).unwrap();
    }

    /// What this process holds.
    #[derive(Debug)]
    struct Use {
        descriptors: usize,
        threads: usize,
        kilobytes: u64,
    }

    impl Use {
        fn now() -> Self {
            // SAFETY: it only gives back what nobody has.
            unsafe { libc::malloc_trim(0) };
            let count = |folder| std::fs::read_dir(folder).unwrap().count();
            let status = std::fs::read_to_string("/proc/self/status").unwrap();
            let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
            let kilobytes = resident.split_whitespace().next().unwrap().parse().unwrap();
            Self { descriptors: count("/proc/self/fd"), threads: count("/proc/self/task"), kilobytes }
        }
    }
}
