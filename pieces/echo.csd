; A stereo echo for the effect plugin. Channels: "time" (seconds), "feedback" and "mix" (0..1).
; Moving the time bends the pitch of what still echoes, as a tape does.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
nchnls_i = 2
0dbfs = 1

; Default, lowest and highest value. Csound does not apply the defaults, so the piece does.
chn_k "time", 1, 3, 0.375, 0.02, 2
chn_k "feedback", 1, 2, 0.45, 0, 0.95
chn_k "mix", 1, 2, 0.4, 0, 1
chnset 0.375, "time"
chnset 0.45, "feedback"
chnset 0.4, "mix"

alwayson 1

opcode Tape, a, akk
  ain, ktime, kfeedback xin
  alast init 0
  abuffer delayr 2.1
  aecho deltapi a(ktime)
  ; A little of the highs and of the lowest lows is lost on each round.
  alast tone aecho, 5000
  alast atone alast, 60
  delayw ain + alast * kfeedback
  xout aecho
endop

instr 1
  aleft, aright ins
  ktime chnget "time"
  kfeedback chnget "feedback"
  kmix chnget "mix"
  ktime port limit(ktime, 0.02, 2), 0.1, 0.375
  kfeedback port limit(kfeedback, 0, 0.95), 0.02, 0.45
  kmix port limit(kmix, 0, 1), 0.02, 0.4
  awetL Tape aleft, ktime, kfeedback
  awetR Tape aright, ktime, kfeedback
  outs aleft * (1 - kmix) + awetL * kmix, aright * (1 - kmix) + awetR * kmix
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
