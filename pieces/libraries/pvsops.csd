; An envelope with gates, and the strongest partials of a spectrum.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  kgate linseg 1, 0.3, 1, 0, 0, 0.3, 0
  aenv gtadsr 0.5, 0.02, 0.05, 0.6, 0.1, kgate
  asig vco2 0.4, 220
  fsig pvsanal asig, 512, 128, 512, 1
  fstrong pvstrace fsig, 8
  aout pvsynth fstrong
  outs aout * aenv, asig * aenv
endin
</CsInstruments>
<CsScore>
i 1 0 0.6
</CsScore>
</CsoundSynthesizer>
