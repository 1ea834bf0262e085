; Levels that are kept as the colours of a picture.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
giimage imagecreate 8, 8
instr 1
  kphase phasor 5
  imagesetpixel giimage, 0.5, 0.5, kphase, 0.2, 0.7
  kred, kgreen, kblue imagegetpixel giimage, 0.5, 0.5
  asig poscil kred * 0.5, 300 + 200 * kblue
  outs asig, asig * kgreen
endin
</CsInstruments>
<CsScore>
i 1 0 0.6
</CsScore>
</CsoundSynthesizer>
