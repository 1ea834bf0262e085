//! The ids by which hosts know an exported plugin and its parameters. They are stable: a session finds by them what
//! it has automated.

use sha2::{Digest, Sha256};

/// The greatest key of a parameter.
pub const LAST_KEY: u16 = 9999;

/// The id of the parameter with this key, as the plugin shell has it: `p0001` to `p9999`. Ids of one length and of
/// digits never have the same [`numeric_id`].
pub fn parameter_id(key: u16) -> String {
    format!("p{key:04}")
}

/// The number that the plugin shell makes of a parameter's id, which is what hosts know a parameter by, in CLAP and in
/// VST3: 31 bits, so two ids may share one (`oscaa` and `oscbB` do).
pub fn numeric_id(id: &str) -> u32 {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    // VST3 keeps the highest bit to itself.
    hash & !(1 << 31)
}

/// The VST3 class id of the plugin with this CLAP id, in the order of bytes that all systems but Windows have.
pub fn class_id(id: &str) -> [u8; 16] {
    let hash = Sha256::new().chain_update("csound-performer export ").chain_update(id).finalize();
    let mut class = [0; 16];
    class.copy_from_slice(&hash[..16]);
    class
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn keys_never_share_a_number_with_each_other_or_with_the_shells_own() {
        assert_eq!(numeric_id("oscaa"), numeric_id("oscbB"), "which is why keys are assigned");
        let ids: BTreeSet<u32> = (1..=LAST_KEY).map(|key| numeric_id(&parameter_id(key))).collect();
        assert_eq!(ids.len(), usize::from(LAST_KEY));
        // From here on the shell has the controllers of MIDI.
        assert!(ids.iter().all(|id| *id < (1 << 31) - 130 * 16));
    }

    #[test]
    fn a_class_id_is_the_same_for_ever() {
        let hex = |id: &str| class_id(id).map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex("org.example.bells"), "7dc77935d993c1b9c8dc182f2ac731fa");
        assert_ne!(class_id("org.example.bells"), class_id("org.example.bell"));
    }
}
