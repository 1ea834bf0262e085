; A bowed string of the Synthesis Toolkit.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  asig STKBowed cpspch(8.00), 0.8, 2, 60, 4, 40, 11, 0, 1, 0
  outs asig * 0.5, asig * 0.25
endin
</CsInstruments>
<CsScore>
i 1 0 0.6
</CsScore>
</CsoundSynthesizer>
