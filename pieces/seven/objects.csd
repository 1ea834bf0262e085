; Instances as objects: an instrument plays others, and holds one of them for a while.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

instr Voice
  tone:a = poscil(linsegr:k(0, 0.01, p4, 0.05, 0), p5)
  out(tone, tone)
endin

instr 1
  high:Instr = play(Voice, -1, 0.05, p4 * 1.5)
  low:Instr = play(Voice, -1, 0.05, p4)
  pause(high, metro(8) > 0 ? 1 : 0)
  schedule(Voice, 0.2, 0.2, 0.03, p4 * 2)
  if lastcycle() == 1 then
    delete(high)
    delete(low)
  endif
endin
</CsInstruments>
<CsScore>
i 1 0 0.6 220
i 1 0.8 0.5 330
f 0 1.6
e
</CsScore>
</CsoundSynthesizer>
