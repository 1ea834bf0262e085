; A MIDI file from the options plays the piece; the score only keeps it alive.
<CsoundSynthesizer>
<CsOptions>
-F four_notes.mid
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1
massign 0, 1

instr 1
  icps cpsmidi
  iamp ampmidi 0.3
  aenv linsegr 0, 0.01, iamp, 0.05, 0
  asig oscili aenv, icps
  outs asig, asig
endin
</CsInstruments>
<CsScore>
f 0 1.6
</CsScore>
</CsoundSynthesizer>
