"""Renders a piece by Csound 7 into a WAV file of 32 bit floats, as a csound command of 7 would.

usage: oracle_seven.py LIBCSOUND OPCODES RATE OUTPUT ARGUMENT…

OPCODES is the folder of the opcode libraries; where it is empty, Csound looks for them itself. The arguments are the
piece, or its orchestra and score, and options. It finds its files from the present folder.

By ctypes over the same library, in a process of its own: it shares no code with the project.
"""

import ctypes
import os
import sys

library, opcodes, rate, output, *arguments = sys.argv[1:]

csound = ctypes.CDLL(library)
csound.csoundInitialize(3)
csound.csoundCreate.restype = ctypes.c_void_p
csound.csoundCreate.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
csound.csoundCompile.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
for name in ["csoundStart", "csoundPerformKsmps", "csoundDestroy"]:
    getattr(csound, name).argtypes = [ctypes.c_void_p]

words = ["csound", "-W", "-f", "-d", "-r", rate, "-o", output, *arguments]
argv = (ctypes.c_char_p * len(words))(*[word.encode() for word in words])
instance = csound.csoundCreate(None, opcodes.encode() or None)
if csound.csoundCompile(instance, len(words), argv) != 0 or csound.csoundStart(instance) != 0:
    sys.exit("the piece does not compile or start")
while csound.csoundPerformKsmps(instance) == 0:
    pass
# The file is whole when its instance is gone; nothing else has to end in order.
csound.csoundDestroy(instance)
sys.stdout.flush()
os._exit(0)
