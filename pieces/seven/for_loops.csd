; Arrays as they are written, slices, and a loop over them.
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
  sum:a = 0
  for ratio in ratios do
    sum += poscil(0.1, p4 * ratio)
  od
  out(sum, sum)
endin
</CsInstruments>
<CsScore>
i 1 0 1 200
i 1 0.5 1 300
e
</CsScore>
</CsoundSynthesizer>
