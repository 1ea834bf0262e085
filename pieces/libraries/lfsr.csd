; Steps of a shift register.
<CsoundSynthesizer>
<CsInstruments>
ksmps = 32
nchnls = 2
0dbfs = 1
instr 1
  ktick metro 20
  kstep init 0
  if ktick == 1 then
    kstep lfsr 8, 255, 5
  endif
  asig poscil 0.3, 100 + 3 * kstep
  outs asig, asig
endin
</CsInstruments>
<CsScore>
i 1 0 0.8
</CsScore>
</CsoundSynthesizer>
