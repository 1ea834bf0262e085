; Echoes and two reverbs that ring out: their tails go down through the smallest numbers that 32
; bits can hold (subnormal samples), long after the last note.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 16
nchnls = 2
0dbfs = 1
gaout init 0

instr 1
  aenv expsega 0.6, 0.03, 0.001, 1, 0.001
  anoise rand 1, p4
  asine oscili 0.5, p5
  aenv2 linen 1, 0.001, p3, 0.01
  gaout += (anoise * 0.4 + asine) * aenv * aenv2
endin

instr 90
  ; Half as loud every four milliseconds, and a comb that is slower.
  aback init 0
  abuffer delayr 0.004
  delayw gaout + abuffer * 0.5
  acomb comb gaout, 0.02, 0.0031
  aleft, aright reverbsc abuffer, acomb, 0.2, 9000
  averb nreverb gaout, 0.05, 0.2
  ; A reverb alone would take longer than the piece lasts to get that far down.
  afade expon 1, p3, 1e-28
  outs abuffer + (aleft * 0.4 + averb * 0.1) * afade, acomb * 0.3 + aright * 0.4 * afade
  clear gaout
endin
</CsInstruments>
<CsScore>
i 1  0    0.05 0.3 500
i 1  0.15 0.05 0.7 700
i 90 0    1.9
</CsScore>
</CsoundSynthesizer>
