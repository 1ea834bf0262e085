"""A subject of the measurements: the reference performance thread. reference_thread.py PIECE RATE

Answers "ready", then each line {"frames": N, "block": _} with what performing at least N frames needed, as
crates/test-host/src/measure/job.rs has it. Exits with 3 where there is no ctcsound.
"""

import json
import sys
import time

try:
    import ctcsound
except ImportError:
    sys.exit(3)


def cpu():
    return time.clock_gettime_ns(time.CLOCK_PROCESS_CPUTIME_ID)


def answer(what):
    print("=" + json.dumps(what), flush=True)


piece, rate = sys.argv[1:3]
csound = ctcsound.Csound()
csound.createMessageBuffer(False)
assert csound.compile_("csound", "-r" + rate, "-d", "-n", piece) == 0
thread = ctcsound.CsoundPerformanceThread(csound.csound())
answer("ready")
for line in sys.stdin:
    frames = json.loads(line)["frames"]
    first = csound.currentTimeSamples()
    thread.play()
    while csound.currentTimeSamples() == first:
        time.sleep(0.001)
    before, began, start = cpu(), time.monotonic_ns(), csound.currentTimeSamples()
    while csound.currentTimeSamples() < start + frames:
        time.sleep(0.001)
    wall, performed = time.monotonic_ns() - began, csound.currentTimeSamples() - start
    used = cpu() - before
    thread.pause()
    # The pause comes with the next k-cycle.
    time.sleep(0.002)
    answer({"frames": performed, "wall": wall, "cpu": used})
thread.stop()
thread.join()
