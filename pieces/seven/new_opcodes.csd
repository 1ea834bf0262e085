; Opcodes of its own in the new style, one of several results.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

opcode shaped(signal:a, drive:k):(a)
  xout(tanh(signal * drive) * 0.4)
endop

opcode both(freq:i):(a, a)
  xout(poscil(0.5, freq), poscil(0.5, freq * 1.01))
endop

instr 1
  left:a, right:a = both(p4)
  amount:k = expseg(0.5, p3, 6)
  out(shaped(left, amount), shaped(right, amount))
endin
</CsInstruments>
<CsScore>
i 1 0 0.9 180
i 1 0.5 0.9 270
e
</CsScore>
</CsoundSynthesizer>
