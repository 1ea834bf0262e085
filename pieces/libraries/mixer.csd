; Two sounds that meet on a bus.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  MixerSetLevel 1, 100, 0.6
  asig poscil 0.4, p4
  MixerSend asig, 1, 100, 0
  MixerSend asig * 0.5, 1, 100, 1
endin
instr 100
  aleft MixerReceive 100, 0
  aright MixerReceive 100, 1
  outs aleft, aright
  MixerClear
endin
</CsInstruments>
<CsScore>
i 1 0 0.4 220
i 1 0.2 0.4 330
i 100 0 0.7
</CsScore>
</CsoundSynthesizer>
