; Variables with types in place of letters, global ones among them.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

base@global:i = 220
wobble@global:k init 0

instr 1
  ratio:i = p4
  depth:k = line(0, p3, 0.3)
  tone:a = poscil(depth, base * ratio)
  louder:b = ratio > 1
  if louder then
    tone = tone * 0.5
  endif
  out(tone, tone * 0.5)
endin
</CsInstruments>
<CsScore>
i 1 0 1 1
i 1 0.3 1 1.5
e
</CsScore>
</CsoundSynthesizer>
