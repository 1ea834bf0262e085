instr 1
 out rand:a(0.1)
endin
