"""Addresses, numbers and keeps the files that go back to a mailbox."""

from collections.abc import Iterable
from datetime import datetime

from integrations.payer_simulator.memory import Answer, Connection, Memory, Partner
from integrations.x12.characters import plain
from integrations.x12.envelope import InterchangeWriter, TradingPartner, Written
from integrations.x12.interchanges import Interchange

# Implementation (ST03) by kind of file; an 835 sends none.
_GROUPS = {"999": ("FA", "999"), "277ca": ("HN", "277"), "835": ("HP", "835")}
Body = Iterable[Written]


class PostOffice:
    """Writes interchanges from its own sequences; the sender of a submission becomes the receiver."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def connect(self, mailbox: str, interchange: Interchange) -> None:
        """Remember who stands at both ends of a mailbox."""
        header = interchange.header
        group = interchange.transactions[0].group if interchange.transactions else None
        ours = _partner(header.receiver_qualifier, header.receiver, group.receiver if group else "")
        theirs = _partner(header.sender_qualifier, header.sender, group.sender if group else "")
        usage = header.usage if header.usage in {"T", "P"} else "P"
        found = Connection(ours=ours, theirs=theirs, usage=usage)
        if self._memory.connections.rows.get(mailbox) != found:
            self._memory.connections.put(mailbox, found)

    def knows(self, mailbox: str) -> bool:
        """Whether anything readable ever came from the mailbox."""
        return mailbox in self._memory.connections.rows

    def post(self, mailbox: str, kind: str, version: str, due_at: datetime, bodies: Iterable[Body]) -> str:
        """Leave one file with a transaction set for each body; returns its name."""
        writer, number = self._writer(mailbox, due_at)
        functional_id, set_id = _GROUPS[kind]
        writer.begin_group(functional_id, version)
        for body in bodies:
            writer.add_transaction(set_id, "" if set_id == "835" else version, body)
        return self._keep(mailbox, kind, number, due_at, writer.text(line_breaks=True))

    def refuse(self, mailbox: str, due_at: datetime, header: tuple[str, str, str], note: str) -> str:
        """Leave a TA1 that rejects an interchange (control number, date, time); returns the file's name."""
        writer, number = self._writer(mailbox, due_at)
        writer.acknowledge_interchange(*header, "R", note)
        return self._keep(mailbox, "ta1", number, due_at, writer.text(line_breaks=True))

    def cut_off(self, name: str) -> None:
        """Break a file off in the middle of its last claim, as a lost connection would."""
        answer = self._memory.answers.rows[name]
        end = max(answer.text.rfind("\nCLP*"), answer.text.rfind("\nSVC*")) + len("\nSVC*HC")
        cut = Answer(mailbox=answer.mailbox, due_at=answer.due_at, text=answer.text[:end])
        self._memory.answers.put(name, cut)

    def _writer(self, mailbox: str, at: datetime) -> tuple[InterchangeWriter, int]:
        connection = self._memory.connections.rows[mailbox]
        number = self._memory.next("interchange")
        writer = InterchangeWriter(
            sender=_trading(connection.ours),
            receiver=_trading(connection.theirs),
            control_number=number,
            at=at,
            usage="T" if connection.usage == "T" else "P",
        )
        return writer, number

    def _keep(self, mailbox: str, kind: str, number: int, due_at: datetime, text: str) -> str:
        name = f"{due_at:%Y%m%dT%H%M%S}-{number:09d}.{kind}"
        self._memory.answers.put(name, Answer(mailbox=mailbox, due_at=due_at, text=text))
        return name


def _partner(qualifier: str, partner_id: str, application_id: str) -> Partner:
    """The partner with ids that can be written, whatever was sent."""
    sound = plain(partner_id)[:15].ljust(2, "0")
    return Partner(
        qualifier=qualifier if len(qualifier) == 2 else "ZZ",
        id=sound,
        application_id=plain(application_id)[:15].ljust(2, "0") if application_id else sound,
    )


def _trading(partner: Partner) -> TradingPartner:
    return TradingPartner(id=partner.id, qualifier=partner.qualifier, application_id=partner.application_id)
