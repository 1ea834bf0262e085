//! The settings of an instance: shown, set, and what a piece wishes of them.

use std::sync::atomic::Ordering;

use nice_plug::prelude::Param;

use super::InstanceBackend;
use crate::plugin::pieces::choice::Choice;
use crate::setting::{Setting, Settings};

/// A value between the ends of a setting as a position from 0 to 1: all are even.
fn position(setting: Setting, value: f64) -> f32 {
    let (least, greatest) = setting.kind().ends();
    ((value - least) / (greatest - least)).clamp(0.0, 1.0) as f32
}

fn value(setting: Setting, position: f32) -> f64 {
    let (least, greatest) = setting.kind().ends();
    let value = least + f64::from(position) * (greatest - least);
    match setting.kind() {
        crate::setting::SettingKind::Decibels(..) => (value * 1000.0).round() / 1000.0,
        _ => value.round(),
    }
}

/// Does something with the parameter of a setting (they are of different types), or something else where it has
/// none.
macro_rules! with_param {
    ($params:expr, $setting:expr, $param:ident => $body:expr, else $other:expr) => {
        match $setting {
            Setting::Csound | Setting::Programs | Setting::Mpe => $other,
            Setting::NoteMode => {
                let $param = &$params.note_mode;
                $body
            }
            Setting::NoteInstrument => {
                let $param = &$params.note_instrument;
                $body
            }
            Setting::AtEnd => {
                let $param = &$params.at_end;
                $body
            }
            Setting::Timing => {
                let $param = &$params.timing;
                $body
            }
            Setting::Pipelined => {
                let $param = &$params.pipelined;
                $body
            }
            Setting::SampleAccurate => {
                let $param = &$params.sample_accurate;
                $body
            }
            Setting::Gain => {
                let $param = &$params.gain;
                $body
            }
            Setting::RecordBits => {
                let $param = &$params.record_bits;
                $body
            }
            Setting::RecordBuffers => {
                let $param = &$params.record_buffers;
                $body
            }
            Setting::RemoteChannel => {
                let $param = &$params.remote_channel;
                $body
            }
        }
    };
}

impl InstanceBackend {
    pub(super) fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for setting in Setting::ALL {
            settings.set(setting, self.setting(setting));
        }
        settings
    }

    fn setting(&self, setting: Setting) -> f64 {
        with_param!(
            self.params, setting,
            param => value(setting, param.unmodulated_normalized_value()),
            else match setting {
                Setting::Programs => f64::from(self.link.programs.channel()),
                Setting::Mpe => f64::from(u8::from(self.link.mpe.load(Ordering::Relaxed))),
                _ => self.csound_setting(),
            }
        )
    }

    /// The place of the chosen Csound among those that are offered; behind them where it is none of them.
    fn csound_setting(&self) -> f64 {
        let (_, greatest) = Setting::Csound.kind().ends();
        self.link.lock().session.csound.index().map_or(greatest + 1.0, |index| index as f64)
    }

    /// Sets a parameter of the host's, as a gesture; what is none of them, in the session.
    pub(super) fn set_setting(&self, setting: Setting, value: f64) {
        if setting == Setting::Programs {
            self.control.start();
            return self.link.programs.set_channel(value as u8);
        }
        if setting == Setting::Mpe {
            return self.link.mpe.store(value != 0.0, Ordering::Relaxed);
        }
        if setting == Setting::Csound {
            self.control.start();
            return self.link.choose_csound(Choice::offered(value as usize));
        }
        self.set_setting_to(setting, position(setting, value));
    }

    pub(super) fn set_setting_to(&self, setting: Setting, position: f32) {
        let Some(host) = self.memory().host.clone() else { return };
        let setter = host.param_setter();
        with_param!(self.params, setting, param => {
            setter.begin_set_parameter(param);
            setter.set_parameter_normalized(param, position);
            setter.end_set_parameter(param);
        }, else ());
    }

    /// Sets what a piece that was opened anew wishes. What the piece before it had wished, and still stands, goes
    /// back to where a new instance has it. Parameters are the host's, so this takes an open editor.
    pub(super) fn carry_out_wishes(&self) {
        if self.memory().host.is_none() {
            return;
        }
        let Some((before, now)) = self.link.take_wishes() else { return };
        for (setting, wished) in before.settings {
            if now.value(setting).is_none() && self.setting(setting) == wished {
                if setting == Setting::Mpe {
                    self.set_setting(setting, 0.0);
                    continue;
                }
                let usual = with_param!(
                    self.params, setting,
                    param => param.default_normalized_value(),
                    else continue
                );
                self.set_setting_to(setting, usual);
            }
        }
        for (setting, value) in now.settings {
            if self.setting(setting) != value {
                self.set_setting(setting, value);
            }
        }
    }
}
