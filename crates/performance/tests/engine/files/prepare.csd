; Makes the files that the pieces of files.rs read. Played by the csound command in their folder.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 1
0dbfs = 1
gitone ftgen 1, 0, 4096, 10, 1
instr 1 ; sound files
  kamp linseg 0.1, p3 * 0.5, 0.5, p3 * 0.5, 0.2
  a1 vco2 kamp, 440
  a2 poscil kamp, 660
  fout "tone.wav", 2, a1
  fout "below/tone.wav", 2, a2
  fout "pair.wav", 2, a1, a2
  mp3out a1, a1, "tone.mp3", 0, 128, 2
endin
instr 2 ; numbers
  ftsave "saved.tab", 1, gitone
  ipicture imagecreate 5, 3
  imagesetpixel ipicture, 0.5, 0.5, 1, 0, 1
  imagesave ipicture, "picture.png"
endin
instr 3
  k1 line 0.25, p3, 0.5
  dumpk4 k1, k1 * 2, k1 * 3, k1 * 4, "kept.txt", 8, 0
endin
</CsInstruments>
<CsScore>
i 1 0 1
i 2 0 0.1
i 3 0 0.5
</CsScore>
</CsoundSynthesizer>
