; ksmps 1024: longer than many host blocks; control signals in coarse steps.
<CsoundSynthesizer>
<CsInstruments>
sr = 44100
ksmps = 1024
nchnls = 2
0dbfs = 1

instr 1
  kcut linseg 300, p3 * 0.5, 3000, p3 * 0.5, 200
  asig vco2 0.3, p4, 0
  asig moogladder asig, kcut, 0.5
  aenv linseg 0, 0.05, 1, p3 - 0.1, 1, 0.05, 0
  outs asig * aenv, asig * aenv
endin
</CsInstruments>
<CsScore>
i 1 0 1.5 55
i 1 0.5 1 82.4
</CsScore>
</CsoundSynthesizer>
