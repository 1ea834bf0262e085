; An opcode that runs at four times the rate, and one that runs at half of it.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

opcode fold(signal:a, drive:k):(a)
  oversample 4
  xout(sin(signal * drive) * 0.3)
endop

opcode coarse(signal:a):(a)
  undersample 2
  xout(signal * 0.8)
endop

instr 1
  tone:a = poscil(1, p4)
  tone = fold(tone, line:k(1, p3, 8))
  out(tone, coarse(tone))
endin
</CsInstruments>
<CsScore>
i 1 0 1 523
i 1 0.4 0.8 330
e
</CsScore>
</CsoundSynthesizer>
