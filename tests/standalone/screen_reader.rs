//! The standalone's window as a screen reader has it: by AT-SPI, over a bus of the test's own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use test_host::screen::{Screen, Xvfb};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::OwnedObjectPath;

use crate::common::{csd, is_missing, libcsound_is_missing};
use crate::{Program, end, standalone, until};

/// Roles, by AT-SPI's numbers (`AtspiRole`).
const SLIDER: u32 = 51;
const BUTTON: u32 = 43;
const TOGGLE_BUTTON: u32 = 62;

/// A desktop's bus, for as long as this lives.
struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Option<Self> {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut address = String::new();
        // It is told when it can be called.
        let told = BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address);
        let bus = Self { daemon, address: address.trim().to_owned() };
        told.is_ok_and(|length| length > 0).then_some(bus)
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // The programs that it has started end with it.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Something that can be read to the user, where it is on the bus.
#[derive(Clone, Debug)]
struct Thing {
    owner: String,
    path: OwnedObjectPath,
    role: u32,
    name: String,
}

/// A screen reader, as far as it asks what is there and does what a user would.
struct ScreenReader {
    connection: Connection,
}

impl ScreenReader {
    /// Says on the desktop's bus that somebody listens, and goes where programs tell of themselves.
    fn new(address: &str) -> zbus::Result<Self> {
        let desktop = Builder::address(address)?.build()?;
        let status = Proxy::new(&desktop, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status")?;
        status.set_property("IsEnabled", true)?;
        let place = Proxy::new(&desktop, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus")?;
        let address: String = place.call("GetAddress", &())?;
        Ok(Self { connection: Builder::address(address.as_str())?.build()? })
    }

    fn ask(&self, owner: &str, path: &OwnedObjectPath, interface: &str) -> zbus::Result<Proxy<'static>> {
        Proxy::new(&self.connection, owner.to_owned(), path.clone(), interface.to_owned())
    }

    /// What is within something, at any depth. What goes meanwhile is left out.
    fn within(&self, owner: &str, path: &OwnedObjectPath, found: &mut Vec<Thing>) {
        let Ok(asked) = self.ask(owner, path, "org.a11y.atspi.Accessible") else { return };
        let children: Vec<(String, OwnedObjectPath)> = asked.call("GetChildren", &()).unwrap_or_default();
        for (owner, path) in children {
            let Ok(child) = self.ask(&owner, &path, "org.a11y.atspi.Accessible") else { continue };
            let role = child.call("GetRole", &()).unwrap_or_default();
            let name = child.get_property("Name").unwrap_or_default();
            found.push(Thing { owner: owner.clone(), path: path.clone(), role, name });
            self.within(&owner, &path, found);
        }
    }

    /// Everything in every program's windows.
    fn all(&self) -> Vec<Thing> {
        let root = OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root").unwrap();
        let mut found = Vec::new();
        self.within("org.a11y.atspi.Registry", &root, &mut found);
        found
    }

    fn until(&self, what: &str, there: impl Fn(&[Thing]) -> bool) -> Vec<Thing> {
        let began = Instant::now();
        loop {
            let all = self.all();
            if there(&all) {
                return all;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute, {all:#?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Does what a press of the button would.
    fn press(&self, thing: &Thing) {
        let action = self.ask(&thing.owner, &thing.path, "org.a11y.atspi.Action").unwrap();
        let done: bool = action.call("DoAction", &(0_i32,)).unwrap();
        assert!(done, "{thing:?}");
    }
}

fn find<'a>(things: &'a [Thing], role: u32, name: &str) -> Option<&'a Thing> {
    things.iter().find(|thing| thing.role == role && thing.name == name)
}

#[test]
fn a_screen_reader_is_told_what_is_in_the_window_that_nobody_hears_it_and_presses_its_buttons() {
    let server = Xvfb::start(1280, 1000);
    let bus = Bus::start();
    let at_spi = std::path::Path::new("/usr/share/dbus-1/services/org.a11y.Bus.service");
    if is_missing("Xvfb", server.is_ok())
        || is_missing("D-Bus", bus.is_some())
        || is_missing("AT-SPI", at_spi.is_file())
        || libcsound_is_missing()
    {
        return;
    }
    let (server, bus) = (server.unwrap(), bus.unwrap());
    let screen = Screen::connect(server.display()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let piece = folder.path().join("bells.csd");
    let body = "instr 1\nkcut chnget \"cutoff\"\nouts a(kcut), a(0)\nendin\n";
    std::fs::write(&piece, csd("", "ksmps = 32\nnchnls = 2\n", body, "i 1 0 3600")).unwrap();
    let mut command = standalone(server.display(), folder.path());
    // Whatever there is on this machine, there is no sound system here.
    let nowhere = folder.path().join("nowhere");
    command
        .env("JACK_NO_START_SERVER", "1")
        .env("JACK_DEFAULT_SERVER", "none")
        .env("ALSA_CONFIG_PATH", &nowhere);
    command.env("DBUS_SESSION_BUS_ADDRESS", &bus.address).arg(&piece).stderr(Stdio::piped());
    let mut program = Program(command.spawn().unwrap());
    let mut said = BufReader::new(program.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("Neither JACK nor ALSA can be used here")));
    // What else it says must not fill the pipe.
    std::thread::spawn(move || said.for_each(drop));
    until(&mut program, &screen, |picture| picture.colours() > 100);

    // It comes when the window has long been there, as a screen reader that a user starts.
    let reader = ScreenReader::new(&bus.address).unwrap();
    let things = reader.until("the channel is told", |things| {
        things.iter().any(|thing| thing.name == "cutoff" && thing.role == SLIDER)
    });
    reader.until("that nobody hears it", |things| {
        things.iter().any(|thing| thing.name == "Playing, not heard")
    });
    let source = find(&things, TOGGLE_BUTTON, "Source").unwrap_or_else(|| panic!("{things:#?}"));
    assert!(find(&things, BUTTON, "Apply").is_none());
    reader.press(source);
    reader.until("the page of the source is told", |things| find(things, BUTTON, "Apply").is_some());
    end(program);
}
