"""What runs inside: the zygote and the confined processes it forks. Standard library alone, relative imports alone.

These modules are loaded by a bare interpreter that has nothing of ours on its path, and are also importable here.
"""

from __future__ import annotations
