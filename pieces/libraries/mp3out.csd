; A sound that is also written as MP3, to nowhere.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  asig poscil 0.3, 440
  mp3out asig, asig, "/dev/null"
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.4
</CsScore>
</CsoundSynthesizer>
