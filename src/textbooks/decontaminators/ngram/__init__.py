"""By wording: shared n-grams of code tokens."""
