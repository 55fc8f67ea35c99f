"""What an import wants at once and nobody uses is not loaded; what is used works as ever."""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import sys
from assets.quality.later import imported_later

with imported_later("altair", "scipy.stats"):
    import great_expectations
    from great_expectations.expectations.core import expect_column_kl_divergence_to_be_less_than as divergence

assert not [name for name in sys.modules if name.startswith(("altair", "scipy.stats"))]
assert abs(divergence.stats.entropy([0.5, 0.5], [0.25, 0.75]) - 0.1438) < 0.0001
from scipy import stats
assert stats.entropy is divergence.stats.entropy
"""


def test_what_great_expectations_imports_for_what_we_never_ask_is_loaded_when_it_is_asked_for() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
