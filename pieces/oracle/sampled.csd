; Sound files from the piece's folder: diskin2, soundin and GEN01, and an included instrument.
; bell.wav is our own: two decaying sines, 523 and 1370 Hz, 0.5 s, made with Csound.
<CsoundSynthesizer>
<CsInstruments>
sr = 44100
ksmps = 50
nchnls = 2
0dbfs = 1
#include "bell.inc"
giwave ftgen 0, 0, 0, 1, "bell.wav", 0, 0, 1

instr 1
  a1 diskin2 "bell.wav", p4
  outs a1 * 0.5, a1 * 0.2
endin

instr 2
  a1 soundin "bell.wav"
  outs a1 * 0.2, a1 * 0.5
endin

instr 3
  a1 loscil 0.3, 1, giwave, 1, 0
  outs a1, a1
endin
</CsInstruments>
<CsScore>
i 1 0   0.5 1
i 2 0.2 0.4
i 3 0.4 0.4
i 4 0.6 0.5
</CsScore>
</CsoundSynthesizer>
