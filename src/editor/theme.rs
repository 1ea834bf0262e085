//! Colours, spacing and fonts: the one place that says how the editor looks.

use egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Frame, Margin, Stroke, Style, TextStyle, Theme, Ui,
    Visuals, vec2,
};

use super::model::Brightness;

/// The distance between things that belong together.
pub(super) const GAP: f32 = 6.0;

/// The height of a row of controls.
pub(super) const ROW: f32 = 26.0;

/// The radius of corners, in points.
pub(super) const ROUND: u8 = 5;

/// The colours of one brightness.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    /// Behind everything.
    pub base: Color32,
    /// Bars and panels.
    pub panel: Color32,
    /// Things to press or turn.
    pub raised: Color32,
    /// The same, under the pointer.
    pub hovered: Color32,
    /// Wells: text fields, meters, pictures of sound.
    pub well: Color32,
    /// Lines between things.
    pub line: Color32,
    pub text: Color32,
    pub weak: Color32,
    /// Things that are on, held or at hand.
    pub accent: Color32,
    pub good: Color32,
    pub warning: Color32,
    pub error: Color32,
    /// Of the source's text.
    pub code: Code,
}

/// The colours of the source's text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub comment: Color32,
    pub string: Color32,
    pub number: Color32,
    pub keyword: Color32,
    pub opcode: Color32,
    pub audio: Color32,
    pub control: Color32,
    pub macros: Color32,
    pub tag: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Palette = Palette {
    base: rgb(0x1a1c20),
    panel: rgb(0x212429),
    raised: rgb(0x2d3138),
    hovered: rgb(0x383d46),
    well: rgb(0x15171a),
    line: rgb(0x343941),
    text: rgb(0xd8dce2),
    weak: rgb(0x929aa6),
    accent: rgb(0x6fb3c8),
    good: rgb(0x85bd8c),
    warning: rgb(0xdbb065),
    error: rgb(0xe57f78),
    code: Code {
        comment: rgb(0x8b94a1),
        string: rgb(0xa9c58b),
        number: rgb(0xd9a877),
        keyword: rgb(0xc19bd6),
        opcode: rgb(0x79b4e0),
        audio: rgb(0x8fd0c5),
        control: rgb(0xd8dce2),
        macros: rgb(0xe0a0b4),
        tag: rgb(0xdbb065),
    },
};

const LIGHT: Palette = Palette {
    base: rgb(0xf1f0ec),
    panel: rgb(0xfaf9f6),
    raised: rgb(0xe7e5df),
    hovered: rgb(0xdbd9d1),
    well: rgb(0xffffff),
    line: rgb(0xd5d2c9),
    text: rgb(0x2b2e33),
    weak: rgb(0x666d77),
    accent: rgb(0x1a728b),
    good: rgb(0x35793f),
    warning: rgb(0x8c5e08),
    error: rgb(0xb93a33),
    code: Code {
        comment: rgb(0x686e77),
        string: rgb(0x487222),
        number: rgb(0x9a5a14),
        keyword: rgb(0x7d3f9c),
        opcode: rgb(0x1c64a8),
        audio: rgb(0x12766a),
        control: rgb(0x2b2e33),
        macros: rgb(0xa5395c),
        tag: rgb(0x8a5a00),
    },
};

/// The colours at hand.
pub(super) fn palette(ui: &Ui) -> &'static Palette {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Gives a window our looks; once is enough.
pub(super) fn install(context: &Context) {
    context.set_style_of(Theme::Dark, style(&DARK, Visuals::dark()));
    context.set_style_of(Theme::Light, style(&LIGHT, Visuals::light()));
}

/// Dark or light.
pub(super) fn choose(context: &Context, brightness: Brightness) {
    let theme = match brightness {
        Brightness::Dark => Theme::Dark,
        Brightness::Light => Theme::Light,
    };
    if context.theme() != theme {
        context.set_theme(theme);
    }
}

/// Makes what follows readable on a ground of the piece's own: the dark colours on a dark one.
pub(super) fn suit(ui: &mut Ui, ground: Color32) {
    let [red, green, blue, _] = ground.to_array().map(u32::from);
    let bright = 3 * red + 6 * green + blue > 1280;
    let style = ui.ctx().style_of(if bright { Theme::Light } else { Theme::Dark });
    ui.set_style(style);
}

/// Bars and panels.
pub(super) fn bar(palette: &Palette) -> Frame {
    Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(10, 6))
}

/// The frame of the page in front.
pub(super) fn page(palette: &Palette) -> Frame {
    Frame::new().fill(palette.base).inner_margin(Margin::same(10))
}

/// A message in a colour that says how bad it is.
pub(super) fn notice(palette: &Palette, colour: Color32) -> Frame {
    Frame::new()
        .fill(mix(palette.panel, colour, 0.16))
        .stroke(Stroke::new(1.0, mix(palette.panel, colour, 0.5)))
        .corner_radius(CornerRadius::same(ROUND))
        .inner_margin(Margin::symmetric(10, 6))
}

/// A colour between two.
pub(super) fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share)
}

/// A colour of a piece.
pub(super) fn colour(rgba: [u8; 4]) -> Color32 {
    Color32::from_rgba_unmultiplied(rgba[0], rgba[1], rgba[2], rgba[3])
}

fn style(palette: &Palette, visuals: Visuals) -> Style {
    let mut style = Style { visuals: colours(palette, visuals), ..Style::default() };
    style.text_styles = [
        (TextStyle::Heading, FontId::new(16.0, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(13.0, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(13.0, FontFamily::Proportional)),
        (TextStyle::Small, FontId::new(11.0, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(GAP, GAP);
    spacing.button_padding = vec2(8.0, 4.0);
    spacing.interact_size = vec2(ROW, ROW);
    spacing.menu_margin = Margin::same(6);
    spacing.scroll.floating = false;
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.foreground_color = false;
    spacing.scroll.fade.strength = 0.0;
    style.interaction.tooltip_delay = 0.5;
    style.interaction.selectable_labels = false;
    style
}

fn colours(palette: &Palette, mut visuals: Visuals) -> Visuals {
    visuals.panel_fill = palette.base;
    visuals.window_fill = palette.panel;
    visuals.window_stroke = Stroke::new(1.0, palette.line);
    visuals.extreme_bg_color = palette.well;
    visuals.text_edit_bg_color = Some(palette.well);
    visuals.faint_bg_color = mix(palette.base, palette.raised, 0.35);
    visuals.code_bg_color = palette.well;
    visuals.hyperlink_color = palette.accent;
    visuals.warn_fg_color = palette.warning;
    visuals.error_fg_color = palette.error;
    visuals.weak_text_color = Some(palette.weak);
    visuals.selection.bg_fill = mix(palette.base, palette.accent, 0.4);
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.menu_corner_radius = CornerRadius::same(ROUND);
    visuals.window_corner_radius = CornerRadius::same(ROUND);
    let widgets = &mut visuals.widgets;
    let looks = [
        (&mut widgets.noninteractive, palette.panel, palette.line, palette.text),
        (&mut widgets.inactive, palette.raised, Color32::TRANSPARENT, palette.text),
        (&mut widgets.hovered, palette.hovered, palette.line, palette.text),
        (&mut widgets.active, mix(palette.raised, palette.accent, 0.45), palette.accent, palette.text),
        (&mut widgets.open, palette.hovered, palette.line, palette.text),
    ];
    for (look, fill, edge, text) in looks {
        look.bg_fill = fill;
        look.weak_bg_fill = fill;
        look.bg_stroke = Stroke::new(1.0, edge);
        look.fg_stroke = Stroke::new(1.0, text);
        look.corner_radius = CornerRadius::same(ROUND);
        look.expansion = 0.0;
    }
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as WCAG 2 counts it.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let luminance = |colour: Color32| {
            let linear = egui::Rgba::from(colour);
            0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_on_every_ground() {
        for palette in [&DARK, &LIGHT] {
            let code = &palette.code;
            let texts = [
                palette.text,
                palette.weak,
                palette.accent,
                palette.good,
                palette.warning,
                palette.error,
                code.comment,
                code.string,
                code.number,
                code.keyword,
                code.opcode,
                code.audio,
                code.macros,
                code.tag,
            ];
            for text in texts {
                for ground in [palette.base, palette.panel, palette.well] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:?} on {ground:?}: {}",
                        contrast(text, ground)
                    );
                }
            }
        }
    }
}
