"""`python -m bench`: runs every measurement once and prints one table."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench.classifying import measure_classifying
from bench.exporting import measure_exporting
from bench.importing import measure_importing
from bench.report import format_table
from bench.storing import measure_storing


def main() -> int:
    """Measure, print, and return 0 whatever was met: figures are no test.

    A word of the command line runs the measurements whose name has it: `storing`, `exporting`,
    `importing`, `classifying`.
    """
    started = time.perf_counter()
    lines = []
    wanted = sys.argv[1:]
    measures = (measure_storing, measure_exporting, measure_importing, measure_classifying)
    for measure in measures:
        if wanted and not any(word in measure.__name__ for word in wanted):
            continue
        with tempfile.TemporaryDirectory(prefix="jejak-sinyal-bench-") as folder:
            lines += measure(Path(folder))
    print(format_table(lines))
    print(f"Took {time.perf_counter() - started:.0f} s. Trust the ratios, not the rates.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
