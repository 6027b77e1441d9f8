from pathlib import Path

from textbooks.filters import EduValueFilter

sample = [Path("binary_search.py").read_text(), Path("settings.py").read_text(), "import os\n", "x = [1, 2]\n"]
best_quarter = EduValueFilter.from_fraction(0.25, sample=sample)
print(best_quarter.keep_batch(sample))

table = EduValueFilter().threshold_table(sample, labels=[5, 0, 0, 1])
print(table.keep_rate, table.precision.round(2))
print(table.for_precision(0.9) == best_quarter.min_score)
