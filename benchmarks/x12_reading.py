"""How long our X12 takes against a floor that nobody can undercut: split the text and forget it."""

import statistics
import time
from collections.abc import Callable

from benchmarks.x12_samples import claim_batch, interchange, remittance_text
from integrations.x12.professional_claims import write_837p
from integrations.x12.remittances import stream_remittances

RUNS = 7


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _split_and_forget(text: str) -> None:
    for segment in text.split("~"):
        segment.split("*")


def _median_ratio(work: Callable[[], object], floor: Callable[[], object]) -> float:
    """The median over interleaved runs, so that a noisy neighbour hits both sides."""
    work()
    pairs = [(_cpu_seconds(work), _cpu_seconds(floor)) for _ in range(RUNS)]
    return statistics.median(one / other for one, other in pairs)


def _read(text: str) -> int:
    return sum(1 for remittance in stream_remittances(text) for _ in remittance.claims())


def reading_ratio(claims: int) -> float:
    """CPU time to read an 835 of `claims` claims into values, claim by claim, over the floor."""
    text = remittance_text(claims)
    return _median_ratio(lambda: _read(text), lambda: _split_and_forget(text))


def writing_ratio(claims: int) -> float:
    """CPU time to check and write an 837P of `claims` claims over the floor for the text that comes out."""
    batch = claim_batch(claims)
    text = write_837p(batch, interchange())
    return _median_ratio(lambda: write_837p(batch, interchange()), lambda: _split_and_forget(text))
