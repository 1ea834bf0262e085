; Notes that start notes (schedule, event), a reverb on a global bus, zak space. sr is not the host's.
<CsoundSynthesizer>
<CsInstruments>
sr = 22050
ksmps = 10
nchnls = 2
0dbfs = 1
zakinit 4, 4
gabus init 0

instr 1
  kcount init 0
  if metro(8) == 1 then
    event "i", 2, 0, 0.2, 300 + kcount * 50
    kcount += 1
  endif
endin

instr 2
  kenv expon 0.3, p3, 0.001
  asig vco2 kenv, p4, 12
  zaw asig * 0.2, 0
  gabus += asig * 0.3
  outs asig, asig
  schedule 3, 0.05, 0.1, p4 * 1.5
endin

instr 3
  aenv linseg 0, 0.01, 0.1, p3 - 0.01, 0
  asig oscili aenv, p4
  outs asig, asig * 0
endin

instr 99
  azak zar 0
  aleft, aright reverbsc gabus, gabus, 0.7, 6000
  outs aleft + azak, aright + azak
  zacl 0, 4
  gabus = 0
endin
</CsInstruments>
<CsScore>
i 99 0 1.8
i 1 0 1
</CsScore>
</CsoundSynthesizer>
