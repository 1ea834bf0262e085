"""Runs a script of calls against the performance thread of Csound 7: reference_thread_seven.py PIECE OUT.wav SCRIPT

The script has a call a line; all are queued while the performance is still paused. A line's "\\n" stands for the end
of a line of code. Prints what evaluated code gave, what callbacks found in the channel "told", and last the status
that join() gives.
"""

import os
import sys

import cycsound

piece, out, script = sys.argv[1:4]
csound = cycsound.Csound()
assert csound.compile("csound", "-W", "-f", "-d", "-o", out, piece) == 0
assert csound.start() == 0
thread = cycsound.CsoundPerformanceThread(csound)
told = []
for line in open(script):
    call, _, rest = line.strip().partition(" ")
    rest = rest.replace("\\n", "\n")
    if call == "play":
        thread.play()
    elif call == "pause":
        thread.pause()
    elif call == "toggle":
        thread.toggle_pause()
    elif call == "stop":
        thread.stop()
    elif call == "message":
        thread.input_message(rest)
    elif call == "event":
        opcode, *fields = rest.split()
        thread.score_event(opcode, [float(field) for field in fields])
    elif call == "offset":
        thread.set_score_offset_seconds(float(rest))
    elif call == "compile":
        thread.compile_orc(rest)
    elif call == "eval":
        thread.eval_code(rest, lambda value: told.append(f"gives {value!r}"))
    elif call == "callback":
        thread.request_callback(lambda: told.append(f"finds {csound.get_control_channel('told')!r}"))
    else:
        sys.exit(f"unknown call {call}")
status = thread.join()
print("\n".join(told))
print(status, flush=True)
del thread
if status in (1, 2):
    # Its file is whole then.
    del csound
sys.stdout.flush()
os._exit(0)
