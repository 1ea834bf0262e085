; The control rate comes from the options (-k 300) and beats the orchestra's: ksmps is 147, 160 or
; 320 by the host's rate. Macros in the score and with arguments in the orchestra.
<CsoundSynthesizer>
<CsOptions>
-k 300 --omacro:DEPTH=0.4
</CsOptions>
<CsInstruments>
sr = 44100
kr = 4410
nchnls = 2
0dbfs = 1

#define VOICE(cps'level) #oscili($level, $cps)#

instr 1
  ; In coarse steps of the control rate, which are to be heard.
  kwave oscili $DEPTH, 5
  aleft = $VOICE(p4'0.3)
  aright = $VOICE(p4 * 1.5'0.2)
  aenv linen 1, 0.02, p3, 0.1
  outs aleft * (0.6 + kwave) * aenv, aright * (0.6 - kwave) * aenv
endin
</CsInstruments>
<CsScore>
#define HIGH #440#
i 1 0   0.8 220
i 1 0.4 0.8 $HIGH.
i 1 0.9 0.6 [$HIGH. * 1.25]
</CsScore>
</CsoundSynthesizer>
