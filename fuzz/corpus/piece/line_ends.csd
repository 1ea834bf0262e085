<CsoundSynthesizer>
<CsOptions>-o x</CsOptions>
<CsInstruments>
instr 1
endin
</CsInstruments>
<CsScore bin="cat">
i 1 0 1
</CsScore>
<CsArrangement>
</CsArrangement>
</CsoundSynthesizer>