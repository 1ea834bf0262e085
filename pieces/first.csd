; A first instrument: play it from the keyboard, turn its channel, change it under Source and press Apply.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

; A channel: its default, its least and its greatest value. It is the parameter cutoff.
chn_k "cutoff", 1, 3, 1500, 80, 9000

; Every MIDI channel plays instrument 1.
massign 0, 1

instr 1
  kcutoff chnget "cutoff"
  iloud ampmidi 0.3
  asound vco2 iloud, cpsmidi()
  asound moogladder asound, port(kcutoff, 0.02), 0.4
  kenvelope linsegr 0, 0.01, 1, 0.3, 0
  outs asound * kenvelope, asound * kenvelope
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
