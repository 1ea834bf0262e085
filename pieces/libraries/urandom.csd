; Random numbers of the system, of a range that holds one number.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  klevel urandom 0.25, 0.25
  asig poscil klevel, 440
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.3
</CsScore>
</CsoundSynthesizer>
