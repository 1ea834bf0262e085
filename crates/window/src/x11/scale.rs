//! How large the user wants everything to be.

/// Pixels in a point, as the desktop says it to all programs; None: it does not.
pub fn system_scale() -> Option<f64> {
    let (connection, _) = x11rb::connect(None).ok()?;
    let resources = x11rb::resource_manager::new_from_default(&connection).ok()?;
    let dots_per_inch: u32 = resources.get_value("Xft.dpi", "").ok().flatten()?;
    (dots_per_inch > 0).then(|| f64::from(dots_per_inch) / 96.0)
}
