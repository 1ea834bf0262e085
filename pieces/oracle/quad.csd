; Four channels, ksmps 64, a voice that wanders round the room; seeded randomness.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 4
0dbfs = 1
seed 17

instr 1
  kangle line 0, p3, 1
  kx = cos(6.283185 * kangle)
  ky = sin(6.283185 * kangle)
  kpitch randomh 200, 800, 12
  asig vco2 0.2, kpitch, 2, 0.3
  asig moogladder asig, 1800, 0.3
  aenv linen 1, 0.02, p3, 0.05
  asig *= aenv
  outq asig * (1 + kx), asig * (1 - kx), asig * (1 + ky), asig * (1 - ky)
endin
</CsInstruments>
<CsScore>
i 1 0 1.2
i 1 0.4 0.8
</CsScore>
</CsoundSynthesizer>
