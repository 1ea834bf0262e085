; An instrument that conducts: event_i, schedule, schedkwhen, reinit, turnoff, turnoff2 and a
; looping timout; voices with vco2, randomh, moogladder, a variable delay, released by linsegr.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 48
nchnls = 2
0dbfs = 1
seed 2024
gadry init 0

instr Conductor
  event_i "i", 10, 0.1, -1, 110
  schedule 10.5, 0.2, -1, 165
  kcount init 0
  ktick metro 10
  if ktick == 1 then
    kcount += 1
  endif
  schedkwhen ktick, 0, 0, 11, 0, 0.08, 300 + 60 * kcount
  if kcount == 9 then
    turnoff2 10, 0, 1
  endif
  if kcount == 11 then
    turnoff
  endif
endin

instr 10
  kjump randomh 0.5, 2, 9
  asig vco2 0.2, p4, 2, 0.3
  asig moogladder asig, 500 * kjump, 0.6
  aenv linsegr 0, 0.03, 1, 0.2, 0
  outs asig * aenv, asig * aenv * 0.5
  gadry += asig * aenv * 0.3
endin

instr 11
  again:
    ipitch random 1, 1.5
    timout 0, 0.02, play
    reinit again
  play:
    aenv expseg 0.3, 0.02, 0.01, 1, 0.01
    asig oscili aenv, p4 * ipitch
  rireturn
  aedge linen 1, 0.002, p3, 0.01
  outs asig * aedge * 0.3, asig * aedge
  gadry += asig * aedge * 0.5
endin

instr 50
  amove oscili 6, 1.5
  awet vdelay3 gadry, 20 + amove, 50
  aring flanger awet, a(0.003), 0.6
  outs awet * 0.5, aring * 0.5
  clear gadry
endin
</CsInstruments>
<CsScore>
i "Conductor" 0 1.5
i 50 0 1.8
</CsScore>
</CsoundSynthesizer>
