<Cabbage>
[{"type": "form"}]
</Cabbage>
