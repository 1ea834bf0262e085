; A stereo effect: the left through a filter, the right delayed by a tenth of a second.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
nchnls_i = 2
0dbfs = 1

instr 1
  aleft, aright ins
  aleft butterlp aleft, 2000
  aright delay aright, 0.1
  outs aleft, aright * 0.8
endin
</CsInstruments>
<CsScore>
i 1 0 0.9
</CsScore>
</CsoundSynthesizer>
