<Cabbage>
form caption("Bells") size(400, 300), colour(20, 40, 60), pluginId("bell")
; a comment
#define LOOK colour:0(255, 0, 0), fontcolour("white")
rslider bounds(10, 10, 80, 80), channel("cutoff"), range(20, 20000, 440, 0.5, 0.01), text("Cutoff"), valuePostfix(" Hz")
hrange bounds(10, 100, 200, 20) channel("low", "high") range(0, 100, 20:80, 1, 1) min(0) max(100)
groupbox bounds(220, 10, 150, 200), text("Group") {
  combobox bounds(10, 30, 100, 20), channel("wave"), items("Sine", "Saw", "Square"), value(2)
  checkbox bounds(10, 60, 100, 20), channel("on"), value(1), $LOOK
  button bounds(10, 90, 100, 20) channel("go") text("Off", "On") latched(0)
}
xypad bounds(0, 0, 50, 50), channel("x", "y"), rangeX(-1, 1, 0), rangeY(0, 10, 5) visible(0)
texteditor bounds(0, 250, 100, 20), channel("text") \
  text("typed")
</Cabbage>
