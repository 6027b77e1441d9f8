"""By behaviour: which functions of a text answer a benchmark's tests."""
