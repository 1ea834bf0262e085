; Noise at no level beside a tone: it has no seed, so it is not the same twice.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  anoise fractalnoise 0, 1
  asig poscil 0.3, 440
  outs asig + anoise, asig
endin
</CsInstruments>
<CsScore>
i 1 0   0.3
</CsScore>
</CsoundSynthesizer>
