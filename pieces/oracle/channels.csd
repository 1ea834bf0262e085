; Channels that the piece reads (nobody sets them: zero), writes and reads back.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 20
nchnls = 2
0dbfs = 1

instr 1
  koffset chnget "offset"
  kpitch line 200, p3, 400
  chnset kpitch, "pitch"
  kread chnget "pitch"
  asig oscili 0.3, kread + koffset
  aenv linen 1, 0.01, p3, 0.05
  outs asig * aenv, asig * aenv
endin
</CsInstruments>
<CsScore>
i 1 0 0.7
i 1 0.5 0.6
</CsScore>
</CsoundSynthesizer>
