<CsOptions>
-n
</CsOptions>
  <CsoundSynthesizer>
<CsMidifileB>
TVRo
</CsMidiFileB>
<CsInstruments>
</CsInstruments>
<CsSampleB filename="x">
</CsSampleB>
<CsFile filename="y">
</CsFile>
<CsScore>
