; A vector that a matrix turns, and its length.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  ivec la_i_vr_create 2
  ivec la_i_vr_set 0, 0.3
  ivec la_i_vr_set 1, 0.4
  ilength la_i_norm_euclid_vr ivec
  imat la_i_mr_create 2, 2
  imat la_i_mr_set 0, 1, 1
  imat la_i_mr_set 1, 0, -1
  iturned la_i_vr_create 2
  iturned la_i_dot_mr_vr imat, ivec
  ileft la_i_get_vr iturned, 0
  asig poscil ilength, 440
  outs asig * ileft, asig * ilength
endin
</CsInstruments>
<CsScore>
i 1 0 0.4
</CsScore>
</CsoundSynthesizer>
