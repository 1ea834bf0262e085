; A turning sound, decoded from B-format for two loudspeakers.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  asig poscil 0.4, 440
  kangle line 0, p3, 360
  aw, ax, ay, az bformenc1 asig, kangle, 0
  asent[] init 4
  asent[0] = aw
  asent[1] = ax
  asent[2] = ay
  asent[3] = az
  aout[] init 2
  aout bformdec2 1, asent
  outs aout[0], aout[1]
endin
</CsInstruments>
<CsScore>
i 1 0 0.6
</CsScore>
</CsoundSynthesizer>
