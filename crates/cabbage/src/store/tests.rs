//! What is put into a store, and what comes out.

use super::*;

fn put(store: &mut Store, channel: &str, identifier: &str, values: &[Value]) -> Result<(), Full> {
    store.put_of(channel, identifier, values.iter().map(Value::as_ref))
}

fn get(store: &Store, channel: &str, identifier: &str) -> Vec<Value> {
    store.get(channel, identifier).into_iter().flatten().map(ValueRef::to_value).collect()
}

#[test]
fn the_newest_values_of_each_identifier_are_there() {
    let mut store = Store::new(4096, 100);
    put(&mut store, "gain", "bounds", &[1.0.into(), 2.0.into()]).unwrap();
    put(&mut store, "gain", "text", &["G\u{e4}in".into()]).unwrap();
    put(&mut store, "other", "text", &["x".into()]).unwrap();
    put(&mut store, "gain", "text", &["much longer than it was before, by far".into(), 3.0.into()]).unwrap();
    put(&mut store, "other", "text", &["".into()]).unwrap();
    store.put_state("text", true, [ValueRef::Number(5.0)].into_iter()).unwrap();
    assert_eq!(get(&store, "gain", "bounds"), [1.0.into(), 2.0.into()]);
    assert_eq!(
        get(&store, "gain", "text"),
        ["much longer than it was before, by far".into(), Value::Number(3.0)]
    );
    assert_eq!(get(&store, "other", "text"), ["".into()]);
    assert_eq!(get(&store, "nobody", "text"), []);
    assert!(store.state("text").unwrap().is_list);
    assert_eq!((store.len(), store.changes().count()), (4, 4));
    let changes: Vec<_> = store.changes().collect();
    assert_eq!(changes[0], Change::of("gain", "bounds", [1.0.into(), 2.0.into()]));
    assert_eq!(changes[3].widget, WidgetName::State);
}

#[test]
fn what_grows_and_shrinks_without_end_stays_in_its_room() {
    let mut store = Store::new(2000, 50);
    let room = store.bytes.capacity();
    for round in 0..5000_usize {
        let text = "y".repeat(round * 7 % 90);
        let channel = format!("channel {}", round % 9);
        put(&mut store, &channel, "text", &[text.as_str().into(), (round as f64).into()]).unwrap();
        assert_eq!(get(&store, &channel, "text"), [text.as_str().into(), (round as f64).into()]);
    }
    assert_eq!(store.bytes.capacity(), room);
    assert_eq!(store.len(), 9);
    assert_eq!(get(&store, "channel 4", "text")[1], Value::Number(4999.0));
}

#[test]
fn what_has_no_room_is_refused_and_what_was_there_stays() {
    let mut store = Store::new(400, 3);
    put(&mut store, "a", "text", &["before".into()]).unwrap();
    assert_eq!(put(&mut store, "a", "text", &["x".repeat(1000).as_str().into()]), Err(Full));
    assert_eq!(put(&mut store, "a", "text", &["x".repeat(370).as_str().into()]), Ok(()));
    assert_eq!(put(&mut store, "b", "text", &["no room".into()]), Err(Full));
    assert_eq!(get(&store, "a", "text"), ["x".repeat(370).as_str().into()]);
    store.clear();
    assert!(store.is_empty() && store.changes().next().is_none());
    for name in ["a", "b", "c"] {
        put(&mut store, name, "v", &[]).unwrap();
    }
    assert_eq!(put(&mut store, "d", "v", &[]), Err(Full));
    assert_eq!(put(&mut store, &"n".repeat(70_000), "v", &[]), Err(Full));
}
