; How many OSC messages wait: none, without a port to listen on.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  kwaiting OSCcount
  asig poscil 0.3, 440 + 100 * kwaiting
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.3
</CsScore>
</CsoundSynthesizer>
