; A stereo sound file by diskin2 (bent, backwards and wrapped), soundin and two GEN01 tables.
; pair.wav is our own: two decaying sines, 660 and 990 Hz, 0.6 s at 22050 Hz, made with Csound.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 128
nchnls = 2
0dbfs = 1
gileft ftgen 0, 0, 0, -1, "pair.wav", 0, 0, 1
giright ftgen 0, 0, 0, -1, "pair.wav", 0, 0, 2

instr 1
  kspeed line 1, p3, -1.5
  aleft, aright diskin2 "pair.wav", kspeed, 0, 1
  aenv linen 0.5, 0.01, p3, 0.05
  outs aleft * aenv, aright * aenv
endin

instr 2
  aleft, aright soundin "pair.wav", 0.1
  aenv linen 0.4, 0.01, p3, 0.05
  outs aright * aenv, aleft * aenv
endin

instr 3
  ifiles filelen "pair.wav"
  aread phasor 1 / ifiles
  aleft tablei aread * ftlen(gileft), gileft
  aright table3 aread * ftlen(giright), giright
  aenv linen 0.4, 0.01, p3, 0.1
  outs aleft * aenv, aright * aenv
endin
</CsInstruments>
<CsScore>
i 1 0   0.8
i 2 0.5 0.4
i 3 0.9 0.7
</CsScore>
</CsoundSynthesizer>
