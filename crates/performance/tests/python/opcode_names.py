"""Prints the names of the opcodes that a Csound knows with one folder of opcode libraries.

usage: opcode_names.py LIBCSOUND GENERATION FOLDER [types]

With `types` each variant has a line of its own: the name, the types of its results and of its arguments, - for none.

By ctypes, so that it needs nothing but Python, and so that it does not share the project's own reading of
Csound. A process of its own for each call: a library cannot be unloaded, and some hang where a process ends
in order.
"""

import ctypes
import os
import sys


class Entry(ctypes.Structure):
    """opcodeListEntry of csound.h, the same in 6 and 7."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("results", ctypes.c_char_p),
        ("arguments", ctypes.c_char_p),
        ("flags", ctypes.c_int),
    ]


library, generation, folder, *types = sys.argv[1:]
# Csound also loads what lies below the home folder.
os.environ.pop("HOME", None)
os.environ[f"OPCODE{generation}DIR64"] = folder

csound = ctypes.CDLL(library)
csound.csoundInitialize(3)
csound.csoundCreate.restype = ctypes.c_void_p
csound.csoundCreate.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
instance = csound.csoundCreate(None, folder.encode() if generation == "7" else None)
if generation == "7":
    # It loads its opcode libraries when it first compiles.
    csound.csoundCompileOrc.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    csound.csoundCompileOrc(instance, b"instr 1\nendin\n", 0)
entries = ctypes.POINTER(Entry)()
csound.csoundNewOpcodeList.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
count = csound.csoundNewOpcodeList(instance, ctypes.byref(entries))
# What follows a dot tells variants of one opcode apart.
names = sorted({entries[at].name.decode().split(".")[0] for at in range(count)})
if types:
    text = lambda letters: (letters or b"").decode() or "-"
    of = lambda entry: [text(entry.name).split(".")[0], text(entry.results), text(entry.arguments)]
    names = [" ".join(of(entries[at])) for at in range(count)]
print("\n".join(names), flush=True)
os._exit(0)
