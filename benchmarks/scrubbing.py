"""How fast four-line claims are scrubbed, beside how fast pyx12 merely validates the same claims as 837P.

Claims differ in patient, dates, codes, diagnoses, payer and modifiers, and some have findings. Every run has
claims that neither side has seen before, half of them scrubbed before pyx12's turn and half after it, and
time is the wall's.
What was made before a run is frozen out of the garbage collector's sight, for both sides alike.
"""

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.claim_files import as_837p, pyx12_validator
from benchmarks.many_rows import BESIDE, IN_FORCE, pair, shelf_with
from benchmarks.varied_claims import varied_claims
from billing_rules.rule_book import RuleBook, load_shipped
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts

RUNS = 7
SHIPPED_ROWS = 12_000
WARM_SEED, FIRST_SEED = 0, 1

FRESH = """
import json, resource, sys, time
began = time.perf_counter()
import msgspec
from billing_rules.rule_book import load_shipped
from billing_rules.therapy.claim_checks import scrub
from billing_rules.therapy.claim_facts import ClaimFacts
book = load_shipped()
loaded = time.perf_counter() - began
scrub(msgspec.json.decode(sys.stdin.buffer.read(), type=ClaimFacts), book)
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"cpu": time.process_time(), "loaded": loaded, "mib": peak_kib / 1024}))
"""


class ScrubSpeed(Struct, frozen=True, kw_only=True):
    """Medians over alternating runs; `clean` is the share of claims without any finding.

    `ratio_once_open` leaves out what pyx12 spends on any file of one claim; `ratio` counts it.
    """

    ratio: float
    ratio_once_open: float
    scrubbed_a_second: float
    validated_a_second: float
    clean: float


class Loading(Struct, frozen=True, kw_only=True):
    """A fresh process that loads book and packs and scrubs one claim: medians, and the highest memory.

    `loaded_seconds` are those of the wall until the book is there, imports included; `wall_seconds` and
    `cpu_seconds` are the whole process's.
    """

    loaded_seconds: float
    wall_seconds: float
    cpu_seconds: float
    mebibytes: float


class _Run(Struct, frozen=True, kw_only=True):
    """Seconds of the wall: for the claims, by either side, and for pyx12 to get as far as one claim."""

    scrubbed: float
    validated: float
    started: float


def scrub_speed(count: int) -> ScrubSpeed:
    """Claims scrubbed in the time pyx12 takes to validate one of them."""
    book, validate = load_shipped(), pyx12_validator()
    known = varied_claims(count, book, seed=WARM_SEED)
    clean = sum(not scrub(facts, book) for facts in known) / count
    assert validate(as_837p(known)), "pyx12 refuses the claims of this measure"
    runs = [_side_by_side(count, book, validate, FIRST_SEED + run) for run in range(RUNS)]
    return ScrubSpeed(
        ratio=statistics.median(run.validated / run.scrubbed for run in runs),
        ratio_once_open=statistics.median((run.validated - run.started) / run.scrubbed for run in runs),
        scrubbed_a_second=count / statistics.median(run.scrubbed for run in runs),
        validated_a_second=count / statistics.median(run.validated for run in runs),
        clean=clean,
    )


def growth_ratio(rows: int, count: int) -> float:
    """Time to scrub with so many rows, over the time with as many as ship; no pair is asked for twice."""
    book = load_shipped()
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
        small = RuleBook(book.rows, shelf=shelf_with(SHIPPED_ROWS, Path(few)))
        large = RuleBook(book.rows, shelf=shelf_with(rows, Path(many)))
        claims = varied_claims(count, book, seed=WARM_SEED)
        ratios = [_growth(claims, run, (small, SHIPPED_ROWS), (large, rows)) for run in range(RUNS + 1)]
    # The first run opens what is stored.
    return statistics.median(ratios[1:])


def loading() -> Loading:
    """What starting anew costs, in processes of their own."""
    facts = msgspec.json.encode(varied_claims(1, load_shipped(), seed=FIRST_SEED)[0])
    answers = [_fresh(facts) for _ in range(RUNS)]
    return Loading(
        loaded_seconds=statistics.median(one["loaded"] for one in answers),
        wall_seconds=statistics.median(one["wall"] for one in answers),
        cpu_seconds=statistics.median(one["cpu"] for one in answers),
        mebibytes=max(one["mib"] for one in answers),
    )


def _side_by_side(count: int, book: RuleBook, validate: Callable[[str], bool], seed: int) -> _Run:
    """Seconds of either side for claims that are new to both."""
    claims = varied_claims(count, book, seed=seed)
    text, first = as_837p(claims), as_837p(claims[:1])
    _set_aside()
    # Half before and half after, so that a machine that changes its pace changes it for both sides.
    half = count // 2
    scrubbed = _seconds(lambda: _scrub_all(claims[:half], book))
    validated = _seconds(lambda: validate(text))
    scrubbed += _seconds(lambda: _scrub_all(claims[half:], book))
    return _Run(scrubbed=scrubbed, validated=validated, started=_seconds(lambda: validate(first)))


def _growth(
    claims: Sequence[ClaimFacts], run: int, few: tuple[RuleBook, int], many: tuple[RuleBook, int]
) -> float:
    seconds = []
    for book, rows in (many, few) if run % 2 else (few, many):
        unasked = [_with_new_pairs(facts, run * len(claims) + at, rows) for at, facts in enumerate(claims)]
        _set_aside()
        seconds.append(_seconds(lambda: _scrub_all(unasked, book)))  # noqa: B023 - called before the next
    return seconds[0] / seconds[1] if run % 2 else seconds[1] / seconds[0]


def _with_new_pairs(facts: ClaimFacts, number: int, rows: int) -> ClaimFacts:
    """The claim on one day with two first and two second codes of made-up pairs, each pair once."""
    groups = rows // BESIDE // 2
    first, second = number % groups * 2, number // groups * 2 % BESIDE
    codes = (
        pair(first * BESIDE)[0],
        pair((first + 1) * BESIDE)[0],
        pair(second)[1],
        pair(second + 1)[1],
    )
    moved = facts.sent_on - IN_FORCE < timedelta(0)
    lines = tuple(
        msgspec.structs.replace(line, code=code, served_on=IN_FORCE)
        for line, code in zip(facts.lines, codes, strict=True)
    )
    return msgspec.structs.replace(facts, lines=lines, sent_on=IN_FORCE if moved else facts.sent_on)


def _fresh(facts: bytes) -> dict[str, float]:
    began = time.perf_counter()
    told = subprocess.run([sys.executable, "-c", FRESH], input=facts, capture_output=True, check=True)
    answer: dict[str, float] = json.loads(told.stdout)
    return {**answer, "wall": time.perf_counter() - began}


def _scrub_all(claims: Sequence[ClaimFacts], book: RuleBook) -> None:
    for facts in claims:
        scrub(facts, book)


def _set_aside() -> None:
    gc.collect()
    gc.freeze()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
