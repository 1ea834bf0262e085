; Macros and ksmps from the options: they shape the piece and are kept; devices are not.
<CsoundSynthesizer>
<CsOptions>
-odac -b256 ; not for a host
--omacro:AMP=0.25 --smacro:TOP=880
--ksmps=16 -m0
</CsOptions>
<CsInstruments>
sr = 44100
ksmps = 100
nchnls = 2
0dbfs = 1

instr 1
  asig oscili $AMP, p4
  aenv linen 1, 0.01, p3, 0.02
  outs asig * aenv, asig * aenv
endin
</CsInstruments>
<CsScore>
i 1 0   0.3 $TOP
i 1 0.2 0.3 [$TOP/2]
</CsScore>
</CsoundSynthesizer>
