"""How much of a note stands word for word in the one before: shingles of five words, kept as hashes.

The text itself is not needed: a sketch of keyed hashes answers the same question and cannot be read.
"""

import hashlib
import re

SHINGLE_WORDS = 5
SKETCH_SHINGLES = 2048
HASH_BYTES = 8

_WORD = re.compile(r"[^\W_]+")


class SketchRefused(ValueError):
    """Raised for bytes that are no sketch."""


def words_of(text: str) -> list[str]:
    """The words of a note, in lower case, without punctuation: what layout cannot change."""
    return _WORD.findall(text.lower())


def sketch_of(text: str, key: bytes) -> bytes:
    """The hashes of a note's shingles under a key of at most 64 bytes, sorted, each once.

    Of a note with more than SKETCH_SHINGLES shingles the lowest hashes stand for all: the same choice for
    every note, so that what is alike stays alike.
    """
    words = words_of(text)
    if not words:
        return b""
    count = max(1, len(words) - SHINGLE_WORDS + 1)
    shingles = {" ".join(words[at : at + SHINGLE_WORDS]) for at in range(count)}
    hashes = sorted(hashlib.blake2b(s.encode(), digest_size=HASH_BYTES, key=key).digest() for s in shingles)
    return b"".join(hashes[:SKETCH_SHINGLES])


def similarity_percent(first: bytes, second: bytes) -> int:
    """The share of the shorter note's shingles that the other has too, 0 to 100, rounded down.

    100 means that every five words of one stand in the other, as when a sentence was added to a copy.
    """
    ours, theirs = _hashes(first), _hashes(second)
    if not ours or not theirs:
        return 0
    if len(ours) == SKETCH_SHINGLES or len(theirs) == SKETCH_SHINGLES:
        ours, theirs = _below_the_lower_end(ours, theirs)
    return 100 * len(ours & theirs) // min(len(ours), len(theirs))


def _below_the_lower_end(ours: set[bytes], theirs: set[bytes]) -> tuple[set[bytes], set[bytes]]:
    """A full sketch knows nothing above its highest hash: both are compared up to where both know."""
    ends = [max(hashes) for hashes in (ours, theirs) if len(hashes) == SKETCH_SHINGLES]
    end = min(ends)
    below = ({h for h in ours if h <= end}, {h for h in theirs if h <= end})
    return below if all(below) else (ours, theirs)


def _hashes(sketch: bytes) -> set[bytes]:
    if len(sketch) % HASH_BYTES:
        raise SketchRefused("the bytes are no sketch of a note")
    return {sketch[at : at + HASH_BYTES] for at in range(0, len(sketch), HASH_BYTES)}


def words_in(sketch: bytes) -> int:
    """About how many words the sketched note has: one shingle more begins with each word."""
    return len(sketch) // HASH_BYTES + SHINGLE_WORDS - 1 if sketch else 0
