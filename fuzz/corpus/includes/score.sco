c #include "no"
i 1 0 1 "a" ; b
#include "more.sco"
{ 2 N
i 1 $N 1
}
