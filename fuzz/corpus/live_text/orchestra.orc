giOne = 1 / 2 ; half
instr 9
  a1 = oscili:a(0.1, 440) /* block */
  prints "text \" %d\n", p3
  Slong = {{ a
b }}
  if (p4 > 0) then
    out a1
  endif
endin
