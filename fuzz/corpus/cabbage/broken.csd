<Cabbage>
nslider channel("n") range(1, 1, 1) increment(0.25) text("a\"b
vslider channel(
}
image {
