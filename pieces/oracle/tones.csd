; Two sine instruments, stereo, ksmps 32: the plainest piece of the set.
<CsoundSynthesizer>
<CsOptions>
-odac -d -m0 ; what a player would write; a host plays instead
</CsOptions>
<CsInstruments>
sr = 44100
ksmps = 32
nchnls = 2
0dbfs = 1

instr 1
  aenv linsegr 0, 0.01, p4, p3 - 0.06, p4, 0.05, 0
  asig oscili aenv, p5
  outs asig, asig * 0.5
endin

instr 2
  aenv expon p4, p3, 0.001
  asig oscili aenv, p5
  outs asig * 0.3, asig
endin
</CsInstruments>
<CsScore>
i 1 0    0.8 0.3 220
i 1 0.25 0.5 0.2 330
i 2 0.1  1.0 0.4 440
i 2 0.5  0.7 0.3 550.5
e
</CsScore>
</CsoundSynthesizer>
