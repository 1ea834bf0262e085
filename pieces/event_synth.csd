; A synthesiser whose notes are score events for instrument 1, exact to the frame: p4 key, p5
; velocity (0..127), p6 MIDI channel (0..15), p7 note id. A note with p3 = -1 sounds until it is turned off.
; csound-performer: note_mode=score
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
  icps = cpsmidinn(p4)
  iloud = (limit(p5, 0, 127) / 127) ^ 1.5
  ; The id is for whoever sends the notes; the sound does not depend on it.
  inote = p7
  ; Channels from left to right, so that two of them can be told apart.
  iplace = 0.5 + 0.4 * (limit(p6, 0, 15) / 15)
  aone vco2 0.4, icps * semitone(-0.04)
  atwo vco2 0.4, icps * semitone(0.04)
  kopen linsegr 1, 0.3, 0.35, 0.2, 0.1
  asig moogladder aone + atwo, limit(icps + 200 + 6000 * iloud * kopen, 100, 10000), 0.2
  aenv linsegr 0, 0.005, 1, 0.2, 0.7, 0.2, 0
  asig = asig * aenv * iloud * 0.7
  outs asig * sqrt(1 - iplace), asig * sqrt(iplace)
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
