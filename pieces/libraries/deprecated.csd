; Numbers on the stack of older pieces.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
stack 100
instr 1
  push 0.4, 330
  ilevel, ipitch pop
  asig poscil ilevel, ipitch
  outs asig, -asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.4
</CsScore>
</CsoundSynthesizer>
