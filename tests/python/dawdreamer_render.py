"""Renders a piece through the VST3 in a JUCE host: dawdreamer_render.py VST3 OUT.f32 RATE BLOCK SECONDS [KEY]

The piece is the one that CSOUND_PERFORMER_PIECE names. Samples are written as raw 32-bit floats, all of
the first channel, then all of the second. With KEY, a note is played from 0.25 s to 0.75 s.
"""

import sys

import dawdreamer
import numpy

bundle, out, rate, block, seconds = sys.argv[1:6]
engine = dawdreamer.RenderEngine(int(rate), int(block))
plugin = engine.make_plugin_processor("piece", bundle)
if len(sys.argv) > 6:
    plugin.add_midi_note(int(sys.argv[6]), 127, 0.25, 0.5)
engine.load_graph([(plugin, [])])
engine.render(float(seconds))
audio = engine.get_audio()
numpy.ascontiguousarray(audio[:2], dtype=numpy.float32).tofile(out)
print("latency", plugin.get_latency_samples() if hasattr(plugin, "get_latency_samples") else -1)
