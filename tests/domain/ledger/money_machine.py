"""The machine's other half: charges, payers' answers, patients' payments, refunds, reversals and repeats."""

from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from msgspec import Struct

from domain.ledger.entries import AccountRef, JournalEntry, Posted, Reversal
from domain.ledger.transfers import GuardBroken
from tenants.ids import new_id
from tests.domain.ledger.machine import LimitMachine
from tests.domain.ledger.practice_books import journal, line, payment

CENTS = st.integers(1, 20_000)
CHOICE = st.integers(0, 1_000)
PARTIES = [UUID(int=100), UUID(int=200)]


class Written(Struct):
    """A journal that was posted, and whether its round is open."""

    entry: JournalEntry
    id: UUID
    open: bool = True


class LedgerMachine(LimitMachine):
    """Money on the same ledger; what callers' operations would post, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[UUID] = []
        self.payments: list[UUID] = []
        self.written: list[Written] = []

    def post(self, entry: JournalEntry) -> None:
        """Post one journal and remember it."""
        self.tick()
        posted = self.run(self.books.post(entry))
        assert len(posted.new) == 1
        self.written.append(Written(entry, posted.new[0].id))

    def move(self, kind: str, debit: AccountRef, credit: AccountRef, cents: int) -> None:
        """Post one entry under a source of its own."""
        self.post(journal(kind, debit, credit, cents))

    def line(self, choice: int) -> UUID:
        """One of the claim lines."""
        return self.lines[choice % len(self.lines)]

    @rule(cents=CENTS)
    def charge(self, cents: int) -> None:
        """A line is charged to the first insurer."""
        self.lines.append(new_id())
        self.move("charge", line(self.lines[-1]), self.books.own("revenue"), cents)

    @precondition(lambda self: self.lines)
    @rule(choice=CHOICE, cents=CENTS, insurer=st.integers(1, 3))
    def pay(self, choice: int, cents: int, insurer: int) -> None:
        """An insurer pays, too much included."""
        account = line(self.line(choice), f"insurer_{insurer}")
        self.move("pay", self.books.own("cash"), account, cents)

    @precondition(lambda self: self.lines)
    @rule(choice=CHOICE, cents=CENTS, kind=st.sampled_from(["contractual", "write_off:courtesy"]))
    def adjust(self, choice: int, cents: int, kind: str) -> None:
        """A part is given up."""
        self.move("adjust", self.books.own(kind), line(self.line(choice)), cents)

    @precondition(lambda self: self.lines)
    @rule(choice=CHOICE, cents=CENTS)
    def take_back(self, choice: int, cents: int) -> None:
        """A payer denies what it paid."""
        self.move("take_back", line(self.line(choice)), self.books.own("take_backs"), cents)

    @precondition(lambda self: self.lines)
    @rule(choice=CHOICE, cents=CENTS, party=st.sampled_from([None, *PARTIES]))
    def make_responsible(self, choice: int, cents: int, party: UUID | None) -> None:
        """A part becomes the patient's, and later due from one of two guarantors; or the next insurer's."""
        chosen = self.line(choice)
        not_due = line(chosen, "patient_not_due")
        if party is None:
            self.move("responsibility", not_due, line(chosen), cents)
        elif cents % 3:
            self.move("due", line(chosen, f"patient_due:{party}"), not_due, cents)
        else:
            self.move("next_payer", line(chosen, "insurer_2"), line(chosen), cents)

    @rule(cents=CENTS)
    def capture(self, cents: int) -> None:
        """A patient pays."""
        self.payments.append(new_id())
        self.move("capture", self.books.own("cash"), payment(self.payments[-1]), cents)

    @precondition(lambda self: self.payments)
    @rule(choice=CHOICE, cents=CENTS, where=st.sampled_from(["apply", "set_aside", "refund"]))
    def spend(self, choice: int, cents: int, where: str) -> None:
        """A payment is applied, set aside or refunded; never more than there is."""
        chosen = self.payments[choice % len(self.payments)]
        source = payment(chosen, "refundable" if where == "refund" else "unapplied")
        target = {"set_aside": payment(chosen, "refundable"), "refund": self.books.own("refunds")}.get(where)
        if target is None:
            if not self.lines:
                return
            target = line(self.line(choice), f"patient_due:{PARTIES[0]}")
        (held,) = self.run(self.books.balances(source))
        if cents <= held:
            self.move(where, source, target, cents)
        else:
            with pytest.raises(GuardBroken) as broken:
                self.move(where, source, target, cents)
            assert broken.value.accounts == (source,)

    @precondition(lambda self: self.written)
    @rule(choice=CHOICE)
    def reverse(self, choice: int) -> None:
        """A journal is un-posted, once; what was spent meanwhile cannot be."""
        written = self.written[choice % len(self.written)]
        posted = self._unpost(written)
        if posted is not None:
            assert (written.id in posted.reversed) == written.open
            written.open = False

    @precondition(lambda self: self.written)
    @rule(choice=CHOICE)
    def repeat(self, choice: int) -> None:
        """The same event again: nothing while its round is open, the next round after it was closed."""
        written = self.written[choice % len(self.written)]
        try:
            posted = self.run(self.books.post(written.entry))
        except GuardBroken:
            assert not written.open
            return
        assert bool(posted.repeated) == written.open
        assert len(posted.new) == (not written.open)
        if posted.new:
            written.id, written.open = posted.new[0].id, True

    @precondition(lambda self: self.written)
    @rule(choice=CHOICE)
    def post_anew(self, choice: int) -> None:
        """Un-posting and posting again in one call changes no balance."""
        written = self.written[choice % len(self.written)]
        accounts = [a for e in written.entry.entries for a in (e.debit, e.credit)]
        before = self.run(self.books.balances(*accounts))
        if not written.open:
            return
        posted = self._unpost(written, again=True)
        assert posted is not None
        assert len(posted.new) == 1
        written.id = posted.new[0].id
        assert self.run(self.books.balances(*accounts)) == before

    def _unpost(self, written: Written, *, again: bool = False) -> Posted | None:
        self.tick()
        journals = [written.entry] if again else []
        try:
            return self.run(self.books.post(*journals, reversals=[Reversal(written.id, "mistaken")]))
        except GuardBroken:
            assert written.open
            return None

    def refs(self) -> list[AccountRef]:
        """The practice's sums, and what insurers and patients owe, as well."""
        own = [self.books.own(kind) for kind in ("cash", "revenue", "contractual", "refunds")]
        kinds = ("insurer_1", "patient_not_due")
        return [*super().refs(), *own, *(line(n, kind) for n in self.lines[:2] for kind in kinds)]
