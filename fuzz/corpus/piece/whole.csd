<CsoundSynthesizer>
<CsOptions>
-odac --sample-accurate ; comment
--omacro:N=3 /* two
lines */
</CsOptions>
<CsInstruments>
ksmps = 32
instr 1
  out oscili(0.1, 440)
  prints "</CsInstruments> in a string"
  prints {{
</CsInstruments>
}}
endin
</CsInstruments>
<CsScore>
i 1 0 1
s
r 2
i 1 0 1
e
</CsScore>
<CsLicense>
free
</CsLicense>
<CsFileB filename="a.wav">
UklGRg==
</CsFileB>
</CsoundSynthesizer>
