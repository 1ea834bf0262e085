//! Colours, spacing and fonts: the one place that says how the editor looks.

use egui::{
    Button, Color32, Context, CornerRadius, FontFamily, FontId, Frame, Margin, Painter, Panel, Rect,
    Response, Stroke, StrokeKind, Style, TextStyle, Theme, Ui, Visuals, WidgetText, vec2,
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
    /// Lines between things; nothing is known by them alone.
    pub line: Color32,
    /// Around wells: what shows that something is a field or a meter.
    pub edge: Color32,
    pub text: Color32,
    pub weak: Color32,
    /// Things that are on, held or at hand.
    pub accent: Color32,
    /// Behind what is chosen of several, and behind text that is selected.
    pub chosen: Color32,
    /// Text on that; the edge of the field that is typed into.
    pub on_chosen: Color32,
    /// The share of `text` in the colour of parts that are not lit, on whatever ground.
    unlit: f32,
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
    hovered: rgb(0x353a42),
    well: rgb(0x15171a),
    line: rgb(0x343941),
    edge: rgb(0x7c8490),
    text: rgb(0xd8dce2),
    weak: rgb(0xa3abb6),
    accent: rgb(0x6fb3c8),
    chosen: rgb(0x2f778c),
    on_chosen: rgb(0xffffff),
    unlit: 0.42,
    good: rgb(0x85bd8c),
    warning: rgb(0xdbb065),
    error: rgb(0xec8f88),
    code: Code {
        comment: rgb(0x939ca9),
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
    hovered: rgb(0xdfddd6),
    well: rgb(0xffffff),
    line: rgb(0xd5d2c9),
    edge: rgb(0x757980),
    text: rgb(0x2b2e33),
    weak: rgb(0x555b65),
    accent: rgb(0x14627a),
    chosen: rgb(0x468a9e),
    on_chosen: rgb(0x0c0e10),
    unlit: 0.55,
    good: rgb(0x2a6633),
    warning: rgb(0x754e05),
    error: rgb(0xa3302a),
    code: Code {
        comment: rgb(0x5b616a),
        string: rgb(0x406619),
        number: rgb(0x8a4f10),
        keyword: rgb(0x7d3f9c),
        opcode: rgb(0x1c64a8),
        audio: rgb(0x0e685d),
        control: rgb(0x2b2e33),
        macros: rgb(0xa5395c),
        tag: rgb(0x7a4f00),
    },
};

/// The colours at hand.
pub(super) fn palette(ui: &Ui) -> &'static Palette {
    of(ui.visuals().dark_mode)
}

/// The palette of a window, for what is drawn above everything.
pub(super) fn palette_of(context: &egui::Context) -> &'static Palette {
    of(context.global_style().visuals.dark_mode)
}

fn of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
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

/// Makes what follows look as it does on a page. Menus leave out the grounds and edges by which buttons are seen.
pub(super) fn as_on_a_page(ui: &mut Ui) {
    let theme = if ui.visuals().dark_mode { Theme::Dark } else { Theme::Light };
    let style = ui.ctx().style_of(theme);
    ui.set_style(style);
}

/// A switch in a menu. Menus leave out the edges of what lies in them, by which a switch is seen.
pub(super) fn menu_switch(ui: &mut Ui, enabled: bool, on: &mut bool, words: impl Into<String>) -> Response {
    let edge = palette(ui).edge;
    ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for look in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
            look.bg_stroke = Stroke::new(1.0, edge);
        }
        ui.add_enabled(enabled, egui::Checkbox::new(on, words.into()))
    })
    .inner
}

/// Bars and panels.
pub(super) fn bar(palette: &Palette) -> Frame {
    Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(10, 6))
}

/// The frame of the page in front.
pub(super) fn page(palette: &Palette) -> Frame {
    Frame::new().fill(palette.base).inner_margin(Margin::same(10))
}

/// A switch with words on it, which looks like a button while it is off, too.
pub(super) fn switch(ui: &mut Ui, on: &mut bool, words: impl Into<WidgetText>) -> Response {
    let mut response = choice_button(ui, *on, words);
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response
}

/// One of several things to choose from, likewise.
pub(super) fn choice<T: PartialEq>(
    ui: &mut Ui,
    chosen: &mut T,
    of: T,
    words: impl Into<WidgetText>,
) -> Response {
    let mut response = choice_button(ui, *chosen == of, words);
    if response.clicked() && *chosen != of {
        *chosen = of;
        response.mark_changed();
    }
    response
}

/// What is on or off, with an edge in both.
pub(super) fn choice_button(ui: &mut Ui, on: bool, words: impl Into<WidgetText>) -> Response {
    ui.add(Button::selectable(on, words.into()).frame_when_inactive(true))
}

/// The part at the lower edge where messages come and go: there they move nothing that stands above them, where the
/// pointer may be.
pub(super) fn messages(id: &'static str) -> Panel {
    Panel::bottom(id).frame(Frame::NONE).resizable(false).min_size(0.0).show_separator_line(false)
}

/// A message in a colour that says how bad it is.
pub(super) fn notice(palette: &Palette, colour: Color32) -> Frame {
    Frame::new()
        .fill(mix(palette.panel, colour, TINT))
        .stroke(Stroke::new(1.0, mix(palette.panel, colour, 0.5)))
        .corner_radius(CornerRadius::same(ROUND))
        .inner_margin(Margin::symmetric(10, 6))
}

/// The share of a colour in the ground that it is tinted with: of a notice, of a line with an error.
pub(super) const TINT: f32 = 0.12;

/// A well, with the edge by which it is seen.
pub(super) fn paint_well(painter: &Painter, palette: &Palette, rect: Rect, round: u8) {
    painter.rect(rect, round, palette.well, Stroke::new(1.0, palette.edge), StrokeKind::Inside);
}

impl Palette {
    /// Parts of a control that are not lit, on whatever ground a piece gives them.
    pub fn unlit(&self) -> Color32 {
        self.text.gamma_multiply(self.unlit)
    }

    /// The ground of a button with a picture that stands for something which is on, or is in this colour.
    pub fn lit(&self, ground: Color32, colour: Color32) -> Color32 {
        mix(ground, colour, 0.14)
    }
}

/// The ground of what is pressed, or has the focus.
fn pressed(palette: &Palette) -> Color32 {
    mix(palette.raised, palette.accent, 0.22)
}

/// A colour between two.
pub(super) fn mix(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share)
}

/// Black or white, whichever is read on this ground.
pub(super) fn readable(ground: Color32) -> Color32 {
    let linear = egui::Rgba::from(ground);
    let luminance = 0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b();
    // As far from black as from white, as WCAG 2 counts contrasts.
    if luminance > 0.179 { Color32::BLACK } else { Color32::WHITE }
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
    visuals.selection.bg_fill = palette.chosen;
    visuals.selection.stroke = Stroke::new(1.5, palette.on_chosen);
    // A frame for each blink would be drawn for as long as a field has the focus.
    visuals.text_cursor.blink = false;
    visuals.menu_corner_radius = CornerRadius::same(ROUND);
    visuals.window_corner_radius = CornerRadius::same(ROUND);
    let widgets = &mut visuals.widgets;
    let looks = [
        (&mut widgets.noninteractive, palette.panel, palette.line, palette.text),
        (&mut widgets.inactive, palette.raised, palette.edge, palette.text),
        (&mut widgets.hovered, palette.hovered, palette.text, palette.text),
        (&mut widgets.active, pressed(palette), palette.accent, palette.text),
        (&mut widgets.open, palette.hovered, palette.edge, palette.text),
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

    /// A colour with some transparency, on a ground.
    fn over(ground: Color32, colour: Color32) -> Color32 {
        ground.blend(colour)
    }

    const TEXT: f32 = 4.5;
    const PART: f32 = 3.0;

    fn must(least: f32, (name, colour): (&str, Color32), (on, ground): (&str, Color32)) {
        let found = contrast(colour, ground);
        assert!(found >= least, "{name} {colour:?} on {on} {ground:?}: {found:.2} is less than {least}");
    }

    fn grounds(palette: &Palette) -> [(&'static str, Color32); 6] {
        [
            ("base", palette.base),
            ("panel", palette.panel),
            ("well", palette.well),
            ("raised", palette.raised),
            ("hovered", palette.hovered),
            ("pressed", pressed(palette)),
        ]
    }

    fn signals(palette: &Palette) -> [(&'static str, Color32); 4] {
        [
            ("accent", palette.accent),
            ("good", palette.good),
            ("warning", palette.warning),
            ("error", palette.error),
        ]
    }

    fn code(palette: &Palette) -> [(&'static str, Color32); 9] {
        let code = &palette.code;
        [
            ("comment", code.comment),
            ("string", code.string),
            ("number", code.number),
            ("keyword", code.keyword),
            ("opcode", code.opcode),
            ("audio", code.audio),
            ("control", code.control),
            ("macros", code.macros),
            ("tag", code.tag),
        ]
    }

    #[test]
    fn every_text_can_be_read_on_every_ground() {
        for palette in [&DARK, &LIGHT] {
            let (text, weak) = (("text", palette.text), ("weak", palette.weak));
            for ground in grounds(palette) {
                must(TEXT, text, ground);
            }
            for ground in &grounds(palette)[..5] {
                must(TEXT, weak, *ground);
                signals(palette).iter().for_each(|signal| must(TEXT, *signal, *ground));
            }
            must(TEXT, ("what is chosen", palette.on_chosen), ("chosen", palette.chosen));
            for signal in signals(palette) {
                let notice = ("its notice", mix(palette.panel, signal.1, TINT));
                [signal, text, weak].iter().for_each(|words| must(TEXT, *words, notice));
            }
            let marked = ("a line with an error", mix(palette.well, palette.error, TINT));
            for token in code(palette) {
                must(TEXT, token, ("well", palette.well));
                must(TEXT, token, marked);
            }
        }
    }

    #[test]
    fn every_part_of_a_control_can_be_made_out() {
        for palette in [&DARK, &LIGHT] {
            let all = grounds(palette);
            for ground in &all[..4] {
                must(PART, ("an edge", palette.edge), *ground);
                must(PART, ("the focus", palette.accent), *ground);
                must(PART, ("the field that is typed into", palette.on_chosen), *ground);
            }
            for ground in &all[..2] {
                must(PART, ("what is chosen", palette.chosen), *ground);
            }
            for (name, ground) in &all[3..] {
                for signal in signals(palette) {
                    must(PART, signal, (name, palette.lit(*ground, signal.1)));
                }
                must(PART, ("a picture", palette.text), (name, *ground));
            }
            for ground in &all[..2] {
                let unlit = over(ground.1, palette.unlit());
                must(PART, ("an unlit part", unlit), *ground);
                must(PART, ("a handle", palette.text), ("an unlit part", unlit));
            }
            must(PART, ("the handle of a switch that is on", palette.base), ("accent", palette.accent));
            signals(palette).iter().for_each(|lit| must(PART, *lit, ("well", palette.well)));
        }
    }
}
