; A folder of sounds that holds none: the silence that it makes decides nothing.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
gicount ftsamplebank "/usr/lib", 100, 0, 0, 0
instr 1
  asig poscil 0.3, 300 + 10 * gicount
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.3
</CsScore>
</CsoundSynthesizer>
