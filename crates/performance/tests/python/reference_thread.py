"""Runs a script of calls against the reference performance thread: reference_thread.py PIECE OUT.wav SCRIPT

The script has a call a line; all are queued while the performance is still paused. Prints the status that
join() gives.
"""

import os
import sys

import ctcsound

piece, out, script = sys.argv[1:4]
csound = ctcsound.Csound()
csound.createMessageBuffer(False)
assert csound.compile_("csound", "-W", "-f", "-d", "-o", out, piece) == 0
thread = ctcsound.CsoundPerformanceThread(csound.csound())
for line in open(script):
    call, _, rest = line.strip().partition(" ")
    if call == "play":
        thread.play()
    elif call == "pause":
        thread.pause()
    elif call == "toggle":
        thread.togglePause()
    elif call == "stop":
        thread.stop()
    elif call == "message":
        thread.inputMessage(rest)
    elif call == "event":
        # scoreEvent() of this binding never returns from join(); the text form is the same event.
        thread.inputMessage(rest)
    elif call == "offset":
        thread.setScoreOffsetSeconds(float(rest))
    else:
        sys.exit(f"unknown call {call}")
status = thread.join()
print(status, flush=True)
if status not in (1, 2):
    # After a jump out of a k-cycle Csound's lock is held: cleaning up would never end.
    os._exit(0)
csound.cleanup()
csound.reset()
