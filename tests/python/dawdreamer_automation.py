"""Plays a preset through the VST3 in a JUCE host: dawdreamer_automation.py VST3 PRESET OUT.f32 RATE BLOCK SECONDS

The state in PRESET is loaded, and then automated from lines of words between tabs on the standard input: `param NAME VALUE FROM`
sets a parameter (0 to 1) from a time in seconds on, until the next line for it; `note KEY VELOCITY FROM
LENGTH` plays a note. Samples are written as raw 32-bit floats, all of the first channel, then all of the
second.
"""

import sys

import dawdreamer
import numpy

bundle, preset, out, rate, block, seconds = sys.argv[1:7]
rate, seconds = int(rate), float(seconds)
engine = dawdreamer.RenderEngine(rate, int(block))
plugin = engine.make_plugin_processor("piece", bundle)
if not plugin.load_vst3_preset(preset):
    sys.exit("the preset is not loaded")
numbers = {}
for description in plugin.get_parameters_description():
    numbers.setdefault(description["name"], description["index"])
automation = {}
for line in sys.stdin:
    kind, *rest = line.split("\t")
    if kind == "note":
        key, velocity, begin, length = (float(value) for value in rest)
        plugin.add_midi_note(int(key), int(velocity), begin, length)
    else:
        name, value, begin = rest
        points = automation.setdefault(name, numpy.full(int(seconds * rate), float(value), numpy.float32))
        points[int(float(begin) * rate):] = float(value)
for name, points in automation.items():
    plugin.set_automation(numbers[name], points)
engine.load_graph([(plugin, [])])
engine.render(seconds)
audio = engine.get_audio()
numpy.ascontiguousarray(audio[:2], dtype=numpy.float32).tofile(out)
