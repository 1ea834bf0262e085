; Arrays that are sorted and multiplied.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  kparts[] fillarray 5, 2, 3, 1
  kweights[] fillarray 0.4, 0.3, 0.2, 0.1
  ksorted[] sorta kparts
  klevel dot ksorted, kweights
  krest[] fmod ksorted, 2
  asig poscil 0.05 * klevel, 220 * ksorted[2]
  outs asig, asig * krest[0]
endin
</CsInstruments>
<CsScore>
i 1 0 0.5
</CsScore>
</CsoundSynthesizer>
