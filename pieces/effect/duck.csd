; Inputs 3 and 4 (the sidechain) push the level of inputs 1 and 2 down.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
nchnls_i = 4
0dbfs = 1

instr 1
  a1, a2, a3, a4 inq
  krms rms a3 + a4
  kduck = 1 / (1 + 8 * krms)
  outs a1 * kduck, a2 * kduck
endin
</CsInstruments>
<CsScore>
i 1 0 0.9
</CsScore>
</CsoundSynthesizer>
