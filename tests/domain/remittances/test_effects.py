"""Where the patient's part of a line stands after any run of decisions, without a database."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.remittances.effects import UNTOUCHED, Adjusted, LineFacts, PatientPart, Share, effect_of

PRACTICE, LINE = UUID(int=1), UUID(int=2)
MOTHER, FATHER = UUID(int=3), UUID(int=4)
BOTH = (Share(MOTHER, 6_000), Share(FATHER, 4_000))


def told(
    cents: int, *, denied: bool = False, shares: tuple[Share, ...] = BOTH, last: bool = True
) -> LineFacts:
    """A line that leaves cents of copay to the patient, perhaps beside a denial."""
    denial = (Adjusted("CO", "50", 1_000),) if denied else ()
    return LineFacts(
        claim_line_id=LINE,
        payer_ordinal=1,
        paid_cents=0,
        adjustments=(Adjusted("PR", "3", cents), *denial),
        last_payer=last,
        shares=shares,
        effective_on=date(2026, 3, 2),
    )


def test_nobody_answers() -> None:
    """Without a guarantor the part waits; the next word of the payer finds one and asks."""
    first = effect_of(told(2_000, shares=()), PRACTICE)
    assert (first.after, first.due_cents) == (PatientPart(2_000, ()), 0)
    second = effect_of(told(0), PRACTICE, first.after)
    assert second.after == PatientPart(0, ((MOTHER, 1_200), (FATHER, 800)))


def test_taken_back_where_nobody_was_asked() -> None:
    """What waited goes back from what waits, although somebody would answer by now."""
    waits = effect_of(told(2_000, shares=()), PRACTICE).after
    assert effect_of(told(-2_000), PRACTICE, waits, reverses=True).after == UNTOUCHED


def test_taken_back_from_who_was_asked() -> None:
    """The shares of today do not matter: each is asked for no more in the proportion of what it was asked."""
    asked = effect_of(told(2_000), PRACTICE).after
    alone = (Share(FATHER, 10_000),)
    effect = effect_of(told(-500, shares=alone), PRACTICE, asked, reverses=True)
    assert effect.after == PatientPart(0, ((MOTHER, 900), (FATHER, 600)))


def test_the_reversal_came_first() -> None:
    """Files in the wrong order: what is taken back before it was given waits below zero, and is made good."""
    early = effect_of(told(-2_000), PRACTICE, reverses=True).after
    assert early == PatientPart(-2_000, ())
    anew = effect_of(told(1_500), PRACTICE, early).after
    assert anew == PatientPart(-500, ())
    assert effect_of(told(2_000), PRACTICE, anew).after == PatientPart(0, ((MOTHER, 900), (FATHER, 600)))


decisions = st.tuples(
    st.integers(-5_000, 5_000), st.booleans(), st.sampled_from([BOTH, BOTH[:1], ()]), st.booleans()
)


@given(st.lists(decisions, max_size=8))
def test_every_cent_waits_or_is_asked_of_somebody(
    run: list[tuple[int, bool, tuple[Share, ...], bool]],
) -> None:
    """Whatever payers decide in whatever order: no cent is lost, nobody is asked for less than nothing."""
    part, total = UNTOUCHED, 0
    for cents, denied, shares, last in run:
        effect = effect_of(
            told(cents, denied=denied, shares=shares, last=last), PRACTICE, part, reverses=cents < 0
        )
        moved = sum(dict(effect.after.asked).values()) - sum(dict(part.asked).values())
        assert moved == effect.due_cents
        assert moved <= 0 or (last and not denied and cents >= 0)
        part, total = effect.after, total + cents
        assert part.waiting_cents + sum(dict(part.asked).values()) == total
        assert all(asked >= 0 for _, asked in part.asked)
