; ksmps 1, user-defined opcodes with their own state, feedback in one-sample steps.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 1
nchnls = 2
0dbfs = 1

opcode OnePole, a, ak
  ain, kcoef xin
  alast init 0
  alast = ain * (1 - kcoef) + alast * kcoef
  xout alast
endop

opcode Fold, a, ak
  ain, kamount xin
  afolded = sin(ain * kamount)
  xout afolded
endop

instr 1
  kenv expseg 0.5, p3, 0.01
  asaw vco2 kenv, p4
  aleft OnePole asaw, 0.9
  aright Fold aleft, 3
  outs aleft * 0.6, aright * 0.4
endin
</CsInstruments>
<CsScore>
i 1 0   0.4 110
i 1 0.3 0.3 164.8
</CsScore>
</CsoundSynthesizer>
