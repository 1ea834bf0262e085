; 0dbfs left at 32768 as in the early days, mono, kr instead of ksmps (10 at 44100 Hz), GEN tables.
<CsoundSynthesizer>
<CsInstruments>
sr = 44100
ksmps = 10
nchnls = 1

instr 1
  kenv linen p4, 0.02, p3, 0.1
  a1 oscil kenv, cpspch(p5), 1
  a2 oscil kenv * 0.5, cpspch(p5) * 1.005, 2
  out a1 + a2
endin
</CsInstruments>
<CsScore>
f 1 0 1024 10 1 0.5 0.3 0.2
f 2 0 512 7 -1 256 1 256 -1
t 0 120 2 90 4 180
i 1 0 1   9000 8.00
i 1 1 1   8000 8.04
i 1 2 1   7000 8.07
i 1 3 0.5 6000 9.00
</CsScore>
</CsoundSynthesizer>
