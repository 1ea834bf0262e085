; --sample-accurate with events between the k boundaries.
<CsoundSynthesizer>
<CsOptions>
--sample-accurate
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 64
nchnls = 1
0dbfs = 1

instr 1
  aenv line 0.8, p3, 0
  asig oscili aenv, p4
  out asig
endin
</CsInstruments>
<CsScore>
i 1 0.0107 0.1003 440
i 1 0.1234 0.2    550
i 1 0.5001 0.15   660
i 1 0.7777 0.3    330
</CsScore>
</CsoundSynthesizer>
