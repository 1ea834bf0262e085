; A sequence and a keyboard through one filter, with a panel of its own: the <Cabbage> section says where
; each control is. Every control is a channel, so the host can automate it.
<Cabbage>
form caption("Glass machine") size(700, 360), colour(34, 38, 46)
groupbox bounds(10, 10, 330, 160), text("Filter"), colour(44, 50, 60), fontcolour(200, 210, 220)
rslider bounds(25, 50, 95, 105), channel("cutoff"), range(80, 9000, 1400, 0.35, 1), text("Cutoff")
rslider bounds(128, 50, 95, 105), channel("resonance"), range(0, 0.9, 0.45, 1, 0.01), text("Resonance")
rslider bounds(231, 50, 95, 105), channel("sweep"), range(0, 4, 2, 1, 0.01), text("Sweep")
groupbox bounds(360, 10, 330, 160), text("Sequence"), colour(44, 50, 60), fontcolour(200, 210, 220)
rslider bounds(375, 50, 95, 105), channel("tempo"), range(40, 240, 108, 1, 1), text("Tempo")
combobox bounds(485, 60, 190, 30), channel("wave"), items("Saw", "Square", "Triangle"), value(1)
checkbox bounds(485, 105, 190, 26), channel("steps"), text("Play the sequence"), value(1)
groupbox bounds(10, 185, 680, 75), text("Space"), colour(44, 50, 60), fontcolour(200, 210, 220)
hslider bounds(25, 215, 320, 34), channel("room"), range(0, 0.98, 0.8, 1, 0.01), text("Room")
hslider bounds(360, 215, 320, 34), channel("mix"), range(0, 1, 0.35, 1, 0.01), text("Mix")
keyboard bounds(10, 270, 680, 80)
</Cabbage>
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

massign 0, 2
galeft init 0
garight init 0
giscale ftgen 0, 0, -8, -2, 0, 3, 7, 10, 12, 15, 10, 7

; The voice of both: a filtered wave of the panel's choice.
opcode glass, a, ik
  icps, kenv xin
  kcutoff chnget "cutoff"
  kresonance chnget "resonance"
  ksweep chnget "sweep"
  iwave chnget "wave"
  imode = (iwave == 2 ? 10 : (iwave == 3 ? 12 : 0))
  asig vco2 0.4, icps, imode, 0.5
  aout moogladder asig, limit(kcutoff * 2 ^ (ksweep * kenv), 20, 18000), kresonance
  xout aout
endop

; A step of the sequence, at the panel's tempo.
instr 1
  ktempo chnget "tempo"
  kplays chnget "steps"
  kstep init 0
  kbeat metro ktempo / 60 * 2
  if kbeat == 1 && kplays == 1 then
    ksemitones table kstep, giscale
    event "i", 3, 0, 0.35, 130.8 * 2 ^ (ksemitones / 12), 0.5, kstep / 7
    kstep = (kstep + 1) % 8
  endif
endin

; A key.
instr 2
  icps cpsmidi
  ivel ampmidi 0.6
  kenv linsegr 0, 0.005, 1, 0.2, 0.6, 0.3, 0
  asig glass icps, kenv
  asig = asig * kenv * ivel
  galeft = galeft + asig
  garight = garight + asig
endin

; A note: p4 its frequency, p5 its loudness, p6 its place from left to right.
instr 3
  kenv expseg 1, p3, 0.001
  asig glass p4, kenv
  asig = asig * kenv * p5
  galeft = galeft + asig * sqrt(1 - p6)
  garight = garight + asig * sqrt(p6)
endin

; The room, and what is heard.
instr 99
  kroom chnget "room"
  kmix chnget "mix"
  aleft, aright reverbsc galeft, garight, kroom, 7000
  outs galeft + aleft * kmix, garight + aright * kmix
  galeft = 0
  garight = 0
endin
</CsInstruments>
<CsScore>
i 1 0 3600
i 99 0 3600
</CsScore>
</CsoundSynthesizer>
