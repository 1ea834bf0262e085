#include "a b.inc"
  #include	/c.inc/ and more
#includestr "d.inc"
#define M #a ; b#
#define N(x'y) # $x "two" \#include "no" #
$N(1'2)
; #include "comment"
/* #include "block" */
prints "#include \" inside"
prints {{
#include "long"
}}
ires compilestr {{ instr 2
endin }}
ires = evalstr:i("return 1")
ires compileorc "x.orc"
#ifdef M
#end
