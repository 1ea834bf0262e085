; A tail that dies away into numbers too small for 32 bits: subnormal samples on the way.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

instr 1
  aenv expon 0.8, p3, 1e-46
  asig oscili aenv, 500
  outs asig, asig * 0.7
endin
</CsInstruments>
<CsScore>
i 1 0 1.9
</CsScore>
</CsoundSynthesizer>
