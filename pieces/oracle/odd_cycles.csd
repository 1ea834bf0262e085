; ksmps 441, sections and a loop in the score, tempo that changes.
<CsoundSynthesizer>
<CsInstruments>
sr = 44100
ksmps = 441
nchnls = 2
0dbfs = 1
gitab ftgen 0, 0, 4096, 10, 1, 0, 0.3, 0, 0.1

instr 1
  kenv linen 0.2, 0.02, p3, 0.05
  asig poscil kenv, p4, gitab
  outs asig, asig
endin
</CsInstruments>
<CsScore>
t 0 300 2 360
i 1 0 1 300
i 1 1 1 400
s
{ 3 N
i 1 [$N * 0.5] 0.4 [500 + $N * 100]
}
s
t 0 150
i 1 0 0.5 250
e
</CsScore>
</CsoundSynthesizer>
