; Levels from velocities, along the curve of ampmidid.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  iamp ampmidid p4, 40
  asig poscil iamp * 0.5, 330
  outs asig, asig * 0.5
endin
</CsInstruments>
<CsScore>
i 1 0   0.3 100
i 1 0.3 0.3 60
</CsScore>
</CsoundSynthesizer>
