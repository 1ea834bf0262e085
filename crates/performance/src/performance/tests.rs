use super::*;

#[test]
fn the_handle_goes_to_any_thread() {
    fn anywhere<T: Clone + Send + Sync>() {}
    anywhere::<Performance>();
}

#[test]
fn events_that_cannot_be_are_refused_with_a_reason() {
    let none: [f64; 0] = [];
    let performance = Performance::new(Arc::default());
    assert!(performance.score_event(TimeBase::Now, 'x', &[1.0, 0.0, 1.0]).is_err());
    assert!(performance.score_event(TimeBase::Now, 'i', &none).is_err());
    assert!(performance.score_event(TimeBase::Now, 'i', &[1.0, f64::NAN]).is_err());
    assert!(performance.score_event(TimeBase::Now, 'i', &vec![0.0; 1001]).is_err());
    let quote = [PField::from(1.0), 0.0.into(), 1.0.into(), "a\"b".into()];
    assert!(performance.score_event(TimeBase::Now, 'i', &quote).is_err());
    assert!(performance.set_score_offset_seconds(-1.0).is_err());
    assert!(performance.set_score_offset_seconds(f64::INFINITY).is_err());
}

#[test]
fn a_full_queue_hands_the_command_back_and_it_can_be_sent_again() {
    let performance = Performance::new(Arc::default());
    for _ in 0..shared::COMMAND_CAPACITY {
        performance.play().unwrap();
    }
    let Err(PerformanceError::QueueFull(command)) = performance.set_score_offset_seconds(2.5) else {
        panic!("the queue took more than it holds");
    };
    assert!(matches!(*command, Command::Event(EventKind::Seek(seconds)) if seconds == 2.5));
    assert!(matches!(performance.send(*command), Err(PerformanceError::QueueFull(_))));
}

#[test]
fn flush_reports_a_driver_that_is_not_at_work() {
    let performance = Performance::new(Arc::default());
    assert!(matches!(performance.flush_message_queue(), Err(PerformanceError::NotProcessing)));
}
