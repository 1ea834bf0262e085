; MIDI in, MIDI out: every note comes out again an octave higher, with its velocity and on its own
; channel. The piece itself is silent; it shows how a piece plays another instrument.
<CsoundSynthesizer>
<CsInstruments>
sr = 48000
ksmps = 32
nchnls = 2
0dbfs = 1

massign 0, 1

instr 1
  ikey notnum
  ivelocity veloc
  ichannel midichn
  ihigher = ikey + 12 <= 127 ? ikey + 12 : ikey
  ; One k-cycle longer than the key is held: in it the note-off is sent. A status of 0 sends
  ; nothing, so each message goes out once.
  xtratim 1 / kr
  kstatus = 0
  if timeinstk() == 1 then
    kstatus = 144
  endif
  if release() == 1 then
    kstatus = 128
  endif
  kvelocity = kstatus == 144 ? ivelocity : 0
  midiout kstatus, ichannel, ihigher, kvelocity
endin
</CsInstruments>
<CsScore>
</CsScore>
</CsoundSynthesizer>
