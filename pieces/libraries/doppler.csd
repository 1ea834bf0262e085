; A source that flies by.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  asig poscil 0.4, 500
  ksource line -20, p3, 20
  aout doppler asig, ksource, 0, 340, 6
  outs aout, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.8
</CsScore>
</CsoundSynthesizer>
