sr = 48000
#include "other"
#define PLAY(x) # a1 oscili $x, 440 #
opcode Twice, a, a
  aIn xin
  xout aIn * 2
endop
instr 1, bell
  #ifdef FAST
  a1 rand 0.5
  #else
  a1 = vco2:a(0.1, cpsmidinn(p4))
  #end
  a1, a2 pan2 Twice(a1), 0.5
  if k1 == 1 goto end
  outs a1, a2
end:
  kRes[] = fillarray(1, 2)
  $PLAY(0.1)
endin
