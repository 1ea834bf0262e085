; Fractional instrument numbers: held notes that are tied and turned off by negative p1, turnoff2.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

instr 1
  aenv linsegr 0, 0.02, 0.2, 0.1, 0
  asig oscili aenv, p4
  outs asig, asig
endin

instr 2
  turnoff2 1.3, 4, 1
  turnoff
endin
</CsInstruments>
<CsScore>
i 1.1  0   -1 300
i 1.2  0.1 -1 400
i 1.3  0.2 -1 500
i -1.1 0.5 0  300
i -1.2 0.7 0  400
i 2    0.9 0.1
f 0 1.2
</CsScore>
</CsoundSynthesizer>
