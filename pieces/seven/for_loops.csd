; Arrays as they are written, a slice, and loops over them.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

ratios@global:i[] = [1, 1.25, 1.5, 2]

instr 1
  levels:k[] = [0.1, 0.2, 0.15, 0.05]
  fade:k = line(0.9, p3, 0)
  level:k = 0
  for one in levels do
    level += one * fade
  od
  upper:k[] = levels[2:3]
  edge:k = 0
  for one, at in upper do
    edge += one * (at + 1)
  od
  pitch:i = 0
  for ratio in ratios do
    pitch += p4 * ratio
  od
  out(poscil(level, p4), poscil(edge, pitch))
endin
</CsInstruments>
<CsScore>
i 1 0 1 200
i 1 0.5 1 300
e
</CsScore>
</CsoundSynthesizer>
