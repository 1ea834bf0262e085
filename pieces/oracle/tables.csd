; Tables of many kinds (GEN 2, 5, 6, 7, 9, 11, 13, 16, 17, 19, 20, 21, 25), one of which is
; written while it sounds, and a header that leaves out sr and ksmps: 0dbfs 32768 is written out.
<CsoundSynthesizer>
<CsInstruments>
nchnls = 2
0dbfs = 32768
seed 3

giscale ftgen 1, 0, -8, -2, 0, 2, 3, 5, 7, 8, 10, 12
gifade ftgen 2, 0, 1025, 5, 0.001, 64, 1, 961, 0.001
gibend ftgen 3, 0, 513, 6, 0, 128, 0.5, 128, 1, 128, 0.5, 129, 0
gisines ftgen 4, 0, 4096, 9, 1, 1, 0, 3, 0.4, 90, 7, 0.2, 180
gibuzz ftgen 5, 0, 4096, 11, 8, 1, 0.7
gishape ftgen 6, 0, 1025, 13, 1, 1, 0, 5, 0, 3, 0, 1
gicurve ftgen 7, 0, 1024, 16, 0, 300, -3, 1, 724, 2, 0
gisteps ftgen 8, 0, 16, 17, 0, 1, 4, 3, 8, 5, 12, 2
gipart ftgen 9, 0, 1024, 19, 0.5, 1, 0, 0
giwindow ftgen 10, 0, 1024, 20, 2
gidice ftgen 11, 0, 64, 21, 1, 0.5
giexp ftgen 12, 0, 1025, 25, 0, 0.01, 400, 1, 1024, 0.02
giblank ftgen 13, 0, 2048, 7, 0, 2048, 0

instr 1
  kindex phasor 6
  kstep table kindex * 16, gisteps
  kdegree table kstep + p4, giscale
  kenv tablei kindex, gifade, 1
  asig poscil 6000 * kenv, 220 * semitone(kdegree), p5
  adrive tablei 0.5 + 0.5 * asig / 6000, gishape, 1
  aenv linen 1, 0.01, p3, 0.05
  outs asig * aenv, adrive * 2500 * aenv
endin

instr 2
  ; Written by one phasor, read by another that is faster.
  awrite phasor 50
  adice poscil 1, 50, gidice
  tablew adice, awrite, giblank, 1
  aread poscil 3000, 200, giblank
  awin poscil 1, 1 / p3, giwindow
  acurve poscil 1, 2, gicurve
  ashape poscil 1, 3, giexp
  abend poscil 1, 1 / p3, gibend
  apart poscil 2000, 330, gipart
  outs (aread * ashape + apart * abend) * awin, (aread * acurve + apart) * awin
endin
</CsInstruments>
<CsScore>
i 1 0   0.7 0 4
i 1 0.5 0.6 2 5
i 2 0.8 0.8
</CsScore>
</CsoundSynthesizer>
