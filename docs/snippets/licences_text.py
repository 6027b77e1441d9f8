from textbooks.filters import LicenceFilter

records = [
    {"text": "# SPDX-License-Identifier: LGPL-2.1-or-later\nx = 1\n", "license": "MIT"},
    {"text": "# Licensed under the Apache License, Version 2.0\nx = 1\n"},
    {"text": "x = 1\n", "license": "BSD-3-Clause"},
]
for headers in ("always", "never"):
    print(headers, LicenceFilter(headers=headers).apply(records))
