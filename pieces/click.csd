; For measuring time: each event for instrument 1 is one full-scale sample, on the event's own
; frame (the piece is sample-accurate). There is no score: whoever measures sends the events.
<CsoundSynthesizer>
<CsOptions>
--sample-accurate
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

instr 1
  aclick mpulse 1, 0
  outs aclick, aclick
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
