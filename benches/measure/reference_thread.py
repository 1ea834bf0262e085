"""A subject of the measurements: the reference performance thread. reference_thread.py PIECE RATE 6|7

That of Csound 6 is asked through ctcsound, that of Csound 7 through cycsound. Answers "ready", then each line
{"frames": N, "block": _} with what performing at least N frames needed, as crates/test-host/src/measure/job.rs has it.
Exits with 3 where there is no such module.
"""

import json
import sys
import time


def six():
    """A compiled piece's thread, and the frames that it has performed."""
    import ctcsound

    csound = ctcsound.Csound()
    csound.createMessageBuffer(False)
    assert csound.compile_("csound", "-r" + rate, "-d", "-n", piece) == 0
    return ctcsound.CsoundPerformanceThread(csound.csound()), csound.currentTimeSamples


def seven():
    """The same of Csound 7."""
    import cycsound

    csound = cycsound.Csound()
    assert csound.compile("csound", "-r" + rate, "-d", "-n", piece) == 0 and csound.start() == 0
    return cycsound.CsoundPerformanceThread(csound), csound.get_current_time_samples


def cpu():
    return time.clock_gettime_ns(time.CLOCK_PROCESS_CPUTIME_ID)


def answer(what):
    print("=" + json.dumps(what), flush=True)


piece, rate, generation = sys.argv[1:4]
try:
    thread, now = six() if generation == "6" else seven()
except ImportError:
    sys.exit(3)
answer("ready")
for line in sys.stdin:
    frames = json.loads(line)["frames"]
    first = now()
    thread.play()
    while now() == first:
        time.sleep(0.001)
    before, began, start = cpu(), time.monotonic_ns(), now()
    while now() < start + frames:
        time.sleep(0.001)
    wall, performed = time.monotonic_ns() - began, now() - start
    used = cpu() - before
    thread.pause()
    # The pause comes with the next k-cycle.
    time.sleep(0.002)
    answer({"frames": performed, "wall": wall, "cpu": used})
thread.stop()
thread.join()
