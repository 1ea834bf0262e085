; The chaotic voltages of Chua'\''s circuit.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  av3, av2, av1 chuap 0.00707, 0.0001, 10, 1.428, 0.0001, 0.00001, -0.1428, 1, 0, 0, 0.1, 0.02
  outs av1 * 4, av2 * 40
endin
</CsInstruments>
<CsScore>
i 1 0 0.5
</CsScore>
</CsoundSynthesizer>
