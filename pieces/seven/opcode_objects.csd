; Opcodes as objects: a filter, and an array of two oscillators that run at once. All are deleted as the note ends.
<CsoundSynthesizer>
<CsOptions>
-odac -d
</CsOptions>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

instr 1
  oscillators:Opcode[] = create(poscil, 2)
  filter:Opcode = create(moogladder)
  levels:k[] = [0.2, 0.1]
  pitches:k[] = [p4, p4 * 1.5]
  tones:a[] init 2
  tones = run(oscillators, levels, pitches)
  cutoff:k = line(4000, p3, 200)
  resonance:k = 0.3
  filtered:a = run(filter, tones[0] + tones[1], cutoff, resonance)
  out(filtered, tones[1])
  if lastcycle() == 1 then
    delete(oscillators)
    delete(filter)
  endif
endin
</CsInstruments>
<CsScore>
i 1 0 0.7 165
i 1 0.5 0.6 247
e
</CsScore>
</CsoundSynthesizer>
