; A structure of a voice, handed over as one value.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

struct Voice freq:k, level:k, pan:k

opcode play(voice:Voice):(a, a)
  tone:a = vco2(voice.level, voice.freq)
  left:a = tone * (1 - voice.pan)
  right:a = tone * voice.pan
  xout(left, right)
endop

instr 1
  voice:Voice init p4, 0.3, 0.5
  voice.pan = linseg:k(0, p3, 1)
  left:a, right:a = play(voice)
  out(left, right)
endin
</CsInstruments>
<CsScore>
i 1 0 0.8 220
i 1 0.4 0.8 331
e
</CsScore>
</CsoundSynthesizer>
