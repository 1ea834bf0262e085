; Envelopes that begin anew at each trigger.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  ktick metro 6
  kenv trigExpseg ktick, 0.001, 0.02, 1, 0.1, 0.001
  klin triglinseg ktick, 0, 0.05, 1, 0.05, 0
  asig poscil 0.4, 330
  outs asig * (0.2 + kenv), asig * (0.2 + klin)
endin
</CsInstruments>
<CsScore>
i 1 0 0.8
</CsScore>
</CsoundSynthesizer>
