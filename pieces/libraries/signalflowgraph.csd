; A voice and its effect, connected by name.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
connect "voice", "out", "effect", "in"
alwayson "effect"
instr voice
  asig poscil 0.3, p4
  outleta "out", asig
endin
instr effect
  asig inleta "in"
  alow tone asig, 400
  outs asig, alow
endin
</CsInstruments>
<CsScore>
i "voice" 0 0.3 300
i "voice" 0.2 0.3 450
f 0 0.7
</CsScore>
</CsoundSynthesizer>
