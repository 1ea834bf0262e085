<CsoundSynthesizer>
<CsInstruments>
k1 chnget "a\"b"
</CsInstruments>
<CsScore>
chnget "no"
</CsScore>
</CsoundSynthesizer>
