"""`make bench`: ratios of two things measured side by side in this run; a clock for loading and importing."""

import os
import sys
from collections.abc import Callable

from benchmarks.importing import importing, lookup_ratio
from benchmarks.posting import posting_ratio
from benchmarks.scrubbing import growth_ratio, loading, scrub_speed
from benchmarks.visits_left import endpoint_share
from benchmarks.x12_reading import reading_ratio, writing_ratio

FULL = os.environ.get("PROOF", "full") == "full"
CLAIMS = 10_000 if FULL else 500
SECONDS = 4.0 if FULL else 1.0
SCRUBBED = 500 if FULL else 60
RULE_ROWS = 1_000_000 if FULL else 50_000
IMPORTED = 2_500_000 if FULL else 200_000


def main() -> int:
    """Print each ratio with its target; 1 when a target is missed at full size."""
    fresh, speed = loading(), scrub_speed(SCRUBBED)
    import_seconds, import_mebibytes = importing(IMPORTED)
    measures: tuple[tuple[str, Callable[[], float], str, float], ...] = (
        ("835 reading / split floor", lambda: reading_ratio(CLAIMS), "<=", 3.5),
        ("837P writing / split floor", lambda: writing_ratio(CLAIMS), "", 0.0),
        (f"posting {CLAIMS:,} claims x 5 lines / bare insert", lambda: posting_ratio(CLAIMS), "<=", 4.0),
        ("claims scrubbed / validated by pyx12 in the same run", lambda: speed.ratio, ">=", 10.0),
        ("the same, what pyx12 spends on opening any file left out", lambda: speed.ratio_once_open, "", 0.0),
        ("claims scrubbed a second", lambda: speed.scrubbed_a_second, "", 0.0),
        ("share of these claims without any finding", lambda: speed.clean, "", 0.0),
        ("loading the book in a fresh process, seconds", lambda: fresh.loaded_seconds, "<=", 1.0),
        ("the same process until it has scrubbed a claim, seconds", lambda: fresh.wall_seconds, "", 0.0),
        ("the same process, CPU seconds", lambda: fresh.cpu_seconds, "<=", 1.0),
        ("the same process, MiB", lambda: fresh.mebibytes, "<=", 200.0),
        (
            f"scrub beside {RULE_ROWS:,} rule rows / beside 12,000",
            lambda: growth_ratio(RULE_ROWS, 300),
            "<=",
            1.2,
        ),
        (f"a pair not asked before, {RULE_ROWS:,} rows / 10,000", lambda: lookup_ratio(RULE_ROWS), "<=", 1.5),
        (f"importing {IMPORTED:,} code pairs, CPU seconds a million", lambda: import_seconds, "<=", 60.0),
        (f"importing {IMPORTED:,} code pairs, MiB", lambda: import_mebibytes, "<=", 300.0),
        ("visits left over HTTP / same transaction by driver", lambda: endpoint_share(SECONDS), ">=", 0.25),
    )
    missed = 0
    for name, measure, relation, target in measures:
        ratio = measure()
        kept = {"<=": ratio <= target, ">=": ratio >= target, "": True}[relation]
        missed += not kept
        goal = f"(target {relation} {target}) {'kept' if kept else 'MISSED'}" if relation else "(no target)"
        print(f"{name:<58} {ratio:6.2f}  {goal}", flush=True)
    return 1 if missed and FULL else 0


if __name__ == "__main__":
    sys.exit(main())
