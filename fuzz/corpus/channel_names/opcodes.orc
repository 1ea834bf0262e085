chn_k "cutoff", 1, 2, 440, 20, 20000
chn_S "file", 3
instr 1
  kCut chnget "cutoff"
  aIn = chnget:a("in") ; chnget "no"
  Sfile chnget "file"
  chnset kCut * 2, "twice"
  chnmix aIn, "mix"
  chnclear "mix", "more"
  kArr[] chngetks "a", "b"
  invalue "in value"
  outvalue "meter", kCut
  chnset k1, "$NAME"
  prints {{ chnget "inside" }}
  /* chnget "comment" */
endin
