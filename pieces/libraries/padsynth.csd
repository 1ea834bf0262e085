; A choir of one table, by the GEN routine padsynth.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
gipad ftgen 1, 0, 65536, "padsynth", 220, 40, 1, 1, 1, 1, 0.5, 0.3, 0.2
instr 1
  asig poscil 0.3, 220 / 220 * sr / 65536, gipad
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.5
</CsScore>
</CsoundSynthesizer>
