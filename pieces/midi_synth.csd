; A playable polyphonic synthesiser without a score: velocity, bend, modulation wheel (CC 1) for
; vibrato, volume (CC 7), pressure for brightness, sustain pedal by Csound itself.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

massign 0, 1

instr 1
  icps cpsmidi
  ivel ampmidi 1
  kbend pchbend 0, 2
  ; The controllers of the note's own channel. Csound begins with the volume at its full.
  kwheel midictrl 1, 0, 1
  kvolume midictrl 7, 0, 1
  kpress aftouch 0, 1
  kvibrato oscili kwheel * 0.3, 5.5
  kcps = icps * semitone(kbend + kvibrato)
  asaw vco2 0.3, kcps
  asub vco2 0.15, kcps * 0.5, 10
  kenv linsegr 0, 0.004, 1, 0.4, 0.6, 0.25, 0
  kcut = 400 + 5000 * ivel * kenv + 3000 * kpress
  asig moogladder asaw + asub, kcut, 0.25
  asig = asig * kenv * ivel * kvolume
  outs asig, asig
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
