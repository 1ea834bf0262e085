; The demo: about twenty seconds of pads, plucks, bass and soft percussion over eight bars in
; D minor. It sounds by its score alone; a melody may come by MIDI (demo.mid fits the harmony),
; and the channels "cutoff" (Hz) and "space" (0..1) open the filter and the room.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

seed 96
massign 0, "Lead"

; What a host may move, with default, lowest and highest value. Csound itself does not apply the
; defaults, so the piece does.
chn_k "cutoff", 1, 3, 1800, 200, 8000
chn_k "space", 1, 2, 0.45, 0, 1
chnset 1800, "cutoff"
chnset 0.45, "space"

; One table a chord: its tones from low to high, as MIDI keys, for the plucks.
giDm   ftgen 1, 0, 8, -2, 62, 65, 69, 72, 76, 77, 81, 84 ; D F A C E
giBb   ftgen 2, 0, 8, -2, 62, 65, 69, 70, 74, 76, 81, 82 ; Bb D F A E
giF    ftgen 3, 0, 8, -2, 60, 65, 67, 69, 72, 76, 79, 84 ; F A C E G
giC    ftgen 4, 0, 8, -2, 62, 64, 67, 69, 74, 76, 79, 81 ; C E G A D
giGm   ftgen 5, 0, 8, -2, 62, 65, 67, 70, 74, 77, 79, 81 ; G Bb D F A
giAsus ftgen 6, 0, 8, -2, 62, 64, 67, 69, 74, 76, 79, 81 ; A D E G
giD    ftgen 7, 0, 8, -2, 62, 66, 69, 74, 76, 78, 81, 86 ; D F# A E

; How likely a pluck is on each of the sixteen steps of a bar.
giSteps ftgen 8, 0, 16, -2, 1, .1, .3, .9, .1, .4, .8, .2, .3, .9, .2, .6, .9, .1, .7, .4

; Buses: dry pad, dry plucks, what goes past the filter, and sends to the echo and the room.
gaPadL init 0
gaPadR init 0
gaToneL init 0
gaToneR init 0
gaEcho init 0
gaRoomL init 0
gaRoomR init 0
gkDuck init 1
gkFade init 1

; The mixers go on after the score, so that MIDI can still be played.
alwayson "Colour"
alwayson "Echo"
alwayson "Room"

opcode Pan, aa, ai
  asig, iplace xin
  xout asig * cos(iplace * $M_PI_2), asig * sin(iplace * $M_PI_2)
endop

; p4 key, p5 level, p6 place from left (0) to right (1)
instr Pad
  icps = cpsmidinn(p4)
  kdrift rspline -0.04, 0.04, 0.2, 0.6
  aone vco2 p5, icps * semitone(kdrift + 0.05)
  atwo vco2 p5, icps * semitone(kdrift * -1 - 0.05)
  aenv transeg 0, p3 * 0.3, -1, 1, p3 * 0.3, 0, 0.85, p3 * 0.4, -2, 0
  aleft, aright Pan (aone + atwo) * aenv * 2.6, p6
  gaPadL += aleft
  gaPadR += aright
endin

; A bar of plucks: p4 chord table, p5 level, p6 likelihood, p7 steps in the bar
instr Arp
  istep = 0
  ilast = 3
  while istep < p7 do
    ichance random 0, 1
    iwalk random -2.6, 2.8
    ilate random 0, 0.008
    iloud random 0.6, 1
    iplace random 0.15, 0.85
    if ichance < table(istep % 16, giSteps) * p6 then
      ilast = limit(ilast + round(iwalk), 0, 7)
      iaccent = istep % 4 == 0 ? 1.25 : 1
      schedule "Pluck", istep * p3 / p7 + ilate, 1.6, table(ilast, p4), p5 * iloud * iaccent, iplace
    endif
    istep += 1
  od
endin

; A struck bar, two sines in frequency modulation: p4 key, p5 level, p6 place
instr Pluck
  icps = cpsmidinn(p4)
  kindex expon 2.6 * p5 * 4, 0.5, 0.05
  aenv transeg 0, 0.003, 0, p5, p3 - 0.003, -7, 0
  amod oscili kindex * icps * 3.0, icps * 3.003
  asig oscili aenv, icps + amod * 0.35
  atine oscili aenv * aenv, icps * 7.01
  asig = (asig + atine * 0.25) * 1.5
  aleft, aright Pan asig, p6
  gaToneL += aleft
  gaToneR += aright
  gaEcho += asig * 0.45
endin

; p4 key, p5 level
instr Bass
  icps = cpsmidinn(p4)
  aenv transeg 0, 0.012, 0, 1, p3 - 0.112, -1.5, 0.45, 0.1, 0, 0
  kcut expseg 900, 0.25, 260, p3, 180
  asine oscili 0.8, icps
  asaw vco2 0.5, icps
  asaw moogladder asaw, kcut, 0.15
  asig = tanh((asine + asaw) * 1.2) * aenv * p5 * 0.72
  outs asig, asig
endin

; p4 level
instr Kick
  kpitch expseg 130, 0.06, 52, p3, 44
  aenv transeg 0, 0.002, 0, p4, p3 - 0.002, -6, 0
  asig oscili aenv, kpitch
  kduck transeg 0.55, 0.3, 2, 1, p3, 0, 1
  gkDuck = kduck
  outs asig, asig
endin

; p4 level, p5 place, p6 seed of the noise
instr Shaker
  anoise rand 1, p6
  asig butterbp anoise, 7200, 3800
  aenv transeg 0, 0.018, 2, p4, p3 - 0.018, -5, 0
  aleft, aright Pan asig * aenv, p5
  outs aleft, aright
  gaRoomL += aleft * 0.2
  gaRoomR += aright * 0.2
endin

; p4 level, p5 place: a finger on wood
instr Wood
  astrike mpulse 1, 0
  alow mode astrike, 432, 22
  ahigh mode astrike, 1178, 30
  aenv transeg p4, p3, -4, 0
  asig = (alow + ahigh * 0.5) * aenv * 0.5
  aleft, aright Pan asig, p5
  outs aleft, aright
  gaRoomL += aleft * 0.5
  gaRoomR += aright * 0.5
  gaEcho += asig * 0.3
endin

; The melody, played by MIDI: velocity, bend by two semitones, wheel for more vibrato.
instr Lead
  icps cpsmidi
  iloud ampmidi 1
  kbend pchbend 0, 2
  kwheel ctrl7 1, 1, 0, 1
  kdepth linseg 0, 0.25, 0, 0.4, 1
  kvibrato oscili (0.06 + 0.25 * kwheel) * kdepth, 5.2
  kcps = icps * semitone(kbend + kvibrato)
  aone vco2 0.6, kcps, 12
  atwo vco2 0.3, kcps * 1.003
  aenv linsegr 0, 0.03, 1, 0.5, 0.75, 0.35, 0
  kcut chnget "cutoff"
  kcut port kcut, 0.03, i(kcut)
  asig moogladder aone + atwo, limit(kcut * 0.8 + 700 + 1500 * iloud, 200, 9000), 0.1
  asig = asig * aenv * iloud * 0.36
  outs asig * 0.75, asig * 0.65
  gaEcho += asig * 0.5
  gaRoomL += asig * 0.5
  gaRoomR += asig * 0.6
endin

; The channel "cutoff" filters pads and plucks; the kick ducks the pads a little.
instr Colour
  kcut chnget "cutoff"
  kcut limit kcut, 100, 12000
  kcut port kcut, 0.03, 1800
  kduck port gkDuck, 0.01, 1
  apadL = gaPadL * kduck
  apadR = gaPadR * kduck
  aleft moogladder apadL, kcut, 0.3
  aright moogladder apadR, kcut, 0.3
  atoneL butterlp gaToneL, kcut * 2 + 500
  atoneR butterlp gaToneR, kcut * 2 + 500
  outs aleft + atoneL, aright + atoneR
  gaRoomL += aleft * 0.45 + atoneL * 0.4
  gaRoomR += aright * 0.45 + atoneR * 0.4
  clear gaPadL, gaPadR, gaToneL, gaToneR
endin

; A dotted eighth note of echo, from side to side.
instr Echo
  itime = 60 / 96 * 0.75
  abackL init 0
  abackR init 0
  aleft delay gaEcho + abackR * 0.45, itime
  aright delay aleft, itime
  abackL tone aleft, 3200
  abackR tone aright, 3200
  kfade port gkFade, 0.1, 1
  outs abackL * 0.6 * kfade, abackR * 0.6 * kfade
  gaRoomL += abackL * 0.25
  gaRoomR += abackR * 0.25
  clear gaEcho
endin

; The channel "space" sets how much room there is, and how long it rings.
instr Room
  kspace chnget "space"
  kspace limit kspace, 0, 1
  kspace port kspace, 0.05, 0.45
  aleft, aright reverbsc gaRoomL, gaRoomR, 0.7 + 0.25 * kspace, 7000
  kfade port gkFade, 0.1, 1
  kwet = 1.1 * kspace * kfade
  outs aleft * kwet, aright * kwet
  clear gaRoomL, gaRoomR
endin

; Echo and room fade with the end of the score, and come back for what MIDI plays later.
instr Fade
  gkFade cosseg 1, p3 - 0.1, 0, 0.1, 0
  if timeinsts() > p3 - 2 / kr then
    gkFade = 1
  endif
endin
</CsInstruments>
<CsScore>
t 0 96

; bars are four beats; every bar's pads reach into the next
;         beat length key level place
i "Pad"    0    5.5   50  .050  .5
i .        .    .     57  .036  .3
i .        .    .     60  .034  .7
i .        .    .     64  .034  .15
i .        .    .     65  .030  .85

i "Pad"    4    5.5   46  .050  .5
i .        .    .     57  .036  .7
i .        .    .     62  .034  .3
i .        .    .     64  .030  .85
i .        .    .     65  .030  .15

i "Pad"    8    5.5   45  .050  .5
i .        .    .     55  .036  .3
i .        .    .     60  .034  .7
i .        .    .     64  .034  .15
i .        .    .     65  .030  .85

i "Pad"   12    5.5   48  .050  .5
i .        .    .     55  .036  .7
i .        .    .     62  .034  .3
i .        .    .     64  .034  .85
i .        .    .     69  .026  .15

i "Pad"   16    5.5   50  .050  .5
i .        .    .     57  .036  .3
i .        .    .     60  .034  .7
i .        .    .     65  .034  .15
i .        .    .     76  .020  .85

i "Pad"   20    5.5   46  .050  .5
i .        .    .     57  .036  .7
i .        .    .     60  .034  .3
i .        .    .     65  .034  .85
i .        .    .     74  .022  .15

i "Pad"   24    3.2   43  .050  .5
i .        .    .     58  .036  .3
i .        .    .     62  .034  .7
i .        .    .     65  .034  .15
i .        .    .     69  .030  .85
i "Pad"   26    3.2   45  .050  .5
i .        .    .     55  .036  .7
i .        .    .     62  .034  .3
i .        .    .     64  .034  .85

i "Pad"   28    3.4   50  .052  .5
i .        .    .     57  .040  .3
i .        .    .     62  .036  .7
i .        .    .     64  .030  .15
i .        .    .     66  .036  .85

;         beat length chord level likelihood steps
i "Arp"    0    4     1     .07   0.55       16
i .        4    4     2     .08   0.7        16
i .        8    4     3     .09   0.85       16
i .       12    4     4     .10   0.95       16
i .       16    4     1     .11   1.1        16
i .       20    4     2     .11   1.1        16
i .       24    2     5     .11   1.1         8
i .       26    2     6     .10   0.9         8
i .       28    1.5   7     .09   0.7         6

;         beat length key level
i "Bass"   4    1.4   34  .30
i .        5.5  0.9   34  .22
i .        7    0.9   41  .22
i .        8    1.4   33  .30
i .        9.5  0.9   33  .22
i .       11    0.9   40  .22
i .       12    1.4   36  .30
i .       13.5  0.9   36  .22
i .       15    0.5   36  .22
i .       15.5  0.5   37  .20
i .       16    1.4   38  .30
i .       17.5  0.9   38  .22
i .       19    0.9   45  .22
i .       20    1.4   34  .30
i .       21.5  0.9   34  .22
i .       23    0.5   41  .22
i .       23.5  0.5   33  .20
i .       24    1.4   31  .30
i .       25.5  0.5   38  .22
i .       26    1.4   33  .30
i .       27.5  0.5   37  .22
i .       28    2.6   38  .28

;         beat length level
i "Kick"   8    0.5   .34
i .       10.5  0.5   .26
i .       12    0.5   .34
i .       14.5  0.5   .26
i .       16    0.5   .36
i .       18.5  0.5   .28
i .       20    0.5   .36
i .       22.5  0.5   .28
i .       24    0.5   .36
i .       26    0.5   .32
i .       28    0.7   .30

{ 20 N
i "Shaker" [8 + $N]     0.14 .05 .3 [.11 + $N * .031]
i "Shaker" [8.5 + $N]   0.2  .09 .6 [.13 + $N * .037]
}
{ 10 N
i "Wood"   [9 + 2 * $N] 0.3  .5  .35
}
i "Wood"  17.75 0.3 .3 .7
i .       21.75 0.3 .3 .7
i .       25.75 0.3 .3 .7

i "Fade"  29 3
e
</CsScore>
</CsoundSynthesizer>
