"""What parts two packs, key by key, and which codes that touches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_rules.packs.differences import differences
from billing_rules.packs.pack import Pack
from tests.billing_rules.packs.made import edit, pairs, supplies, supply

LABELS = st.dictionaries(st.integers(0, 60), st.sampled_from("abc"), min_size=1, max_size=50)


def of_labels(labels: dict[int, str], **changed: object) -> Pack:
    """A pack of codes with labels."""
    return supplies(*(supply(f"G{at:04d}", label=label) for at, label in labels.items()), **changed)


@settings(deadline=None)
@given(LABELS, LABELS)
def test_differences_are_those_of_two_dictionaries(was: dict[int, str], becomes: dict[int, str]) -> None:
    found = differences(of_labels(was), of_labels(becomes, version="next"), most=5)
    changed = {at for at in was.keys() & becomes.keys() if was[at] != becomes[at]}
    added, removed = becomes.keys() - was.keys(), was.keys() - becomes.keys()
    assert (found.added, found.removed, found.changed) == (len(added), len(removed), len(changed))
    assert found.same == len(was.keys() & becomes.keys()) - len(changed)
    assert found.codes == {f"G{at:04d}" for at in changed | added | removed}
    assert len([one for one in found.examples if one.change == "changed"]) == min(len(changed), 5)
    assert (not (found.added or found.removed or found.changed)) is (was == becomes)


def test_a_pair_touches_both_codes_and_shows_both_rows() -> None:
    old = pairs(edit("92507", "97110"), edit("97530", "97116"))
    new = pairs(edit("92507", "97110", "0"), edit("97530", "97116"), version="next")
    found = differences(old, new)
    assert (found.changed, found.codes) == (1, {"92507", "97110"})
    (example,) = found.examples
    assert (example.was[0], example.becomes[0]) == (edit("92507", "97110"), edit("92507", "97110", "0"))


def test_the_first_pack_of_a_table_is_all_new() -> None:
    pack = supplies(supply("G0001"))
    assert differences(None, pack).added == 1
    assert differences(pack, None).removed == 1
    for wrong in ((None, None), (pack, pairs(edit("92507", "97110")))):
        with pytest.raises(ValueError, match="one table"):
            differences(*wrong)
