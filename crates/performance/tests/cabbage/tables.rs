//! Function tables that widgets show, on their way to the host.

use std::time::{Duration, Instant};

use csound_cabbage::{Change, Value, WidgetName};

use crate::subject::{Subject, both};

/// What has come up of tables: their numbers, and their values behind the length.
fn shown(piece: &mut Subject) -> Vec<(u32, Vec<f64>)> {
    let of = |change: Change| match change.widget {
        WidgetName::Table(number) => {
            let number_of = |value: &Value| value.as_ref().number();
            Some((number, change.values.iter().map(number_of).collect()))
        }
        _ => None,
    };
    piece.changes().into_iter().filter_map(of).collect()
}

/// The same, once there is something: an engine in a process of its own tells it when it comes to that.
fn comes(piece: &mut Subject) -> Vec<(u32, Vec<f64>)> {
    let began = Instant::now();
    loop {
        let shown = shown(piece);
        if !shown.is_empty() || began.elapsed() > Duration::from_secs(30) {
            return shown;
        }
        piece.cycles(1);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn tables_come_up_when_they_are_there_and_when_they_have_changed() {
    let section = "form size(9, 9)\ngentable bounds(1, 1, 9, 9), tablenumber(3, 4)\n\
        gentable bounds(1, 1, 9, 9), identchannel(\"id\"), tablenumber(99)";
    let orchestra = "gi3 ftgen 3, 0, 4, -2, 0, 1, 2, 3\ngi5 ftgen 5, 0, 2, -2, 7, 8\ninstr 1\nkTime timeinsts\nkNine init 9\n\
        if kTime > 0.2 then\ntablew kNine, 1, 3\nendif\n\
        if kTime > 0.4 then\nchnsetks \"tablenumber(5)\", \"id\"\nendif\nendin";
    both(section, orchestra, |piece| {
        piece.cycles(30);
        assert_eq!(comes(piece), [(3, vec![4.0, 0.0, 1.0, 2.0, 3.0])], "those that are there");
        piece.cycles(200);
        assert_eq!(shown(piece), [], "nothing has changed");
        piece.cycles(150);
        assert_eq!(comes(piece), [(3, vec![4.0, 0.0, 9.0, 2.0, 3.0])]);
        piece.cycles(350);
        assert_eq!(comes(piece), [(5, vec![2.0, 7.0, 8.0])], "another table is shown now");
    });
}

#[test]
fn a_long_table_comes_up_as_its_bounds() {
    let section = "form size(9, 9)\ngentable bounds(1, 1, 9, 9), tablenumber(1)";
    let orchestra = "gi1 ftgen 1, 0, 1048576, 10, 1\ninstr 1\nendin";
    both(section, orchestra, |piece| {
        piece.cycles(10);
        let shown = comes(piece);
        let [(1, values)] = shown.as_slice() else { panic!("{shown:?}") };
        assert_eq!((values[0], values.len()), (1_048_576.0, 1025));
        let (least, most) = (
            values[1..].iter().copied().fold(0.0, f64::min),
            values[1..].iter().copied().fold(0.0, f64::max),
        );
        assert!(least < -0.99 && most > 0.99, "{least} {most}");
    });
}
