; An orchestra with its score beside it, as before there were CSDs.
sr = 44100
ksmps = 25
nchnls = 2
0dbfs = 1

instr 1
  asig foscili 0.3, p4, 1, 1.414, 3, 1
  aenv linen 1, 0.01, p3, 0.1
  outs asig * aenv, asig * aenv
endin
