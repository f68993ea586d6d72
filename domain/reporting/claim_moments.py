"""The middle chapters of a claim's story: its events in words, and the work that it made."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_rules.money import dollars
from domain.claims.models import ClaimEvent
from domain.claims.queries import StoryEvent
from domain.reporting.moments import Moment, happened
from domain.work.models import WorkItem

Detail = dict[str, Any]


def _checked(detail: Detail) -> str:
    blocking, warnings = detail.get("blocking", []), detail.get("warnings", [])
    if blocking:
        return f"held by {', '.join(blocking)}"
    return f"nothing blocks; {len(warnings)} to look at" if warnings else "nothing to object to"


def _decided(detail: Detail) -> str:
    told = [f"paid {dollars(detail.get('paid_cents', 0))}"]
    if detail.get("patient_cents"):
        told.append(f"left {dollars(detail['patient_cents'])} to the patient")
    if detail.get("denied_cents"):
        told.append(f"denied {dollars(detail['denied_cents'])} ({', '.join(detail.get('denials', []))})")
    return f"{'; '.join(told)}; payment {detail.get('trace_number', '')}"


def _said(detail: Detail) -> str:
    return str(detail.get("reason") or detail.get("message") or "")


def _seen(detail: Detail) -> str:
    return ", ".join(detail.get("rules", []))


def _change(detail: Detail) -> str:
    field = str(detail.get("pointer", "")).rpartition("/")[2].replace("_", " ")
    return f"{field}: {detail.get('was') or 'nothing'} becomes {detail.get('becomes') or 'nothing'}"


def _changes(detail: Detail) -> str:
    return "; ".join(_change(change) for change in detail.get("changes", []))


def _file(detail: Detail) -> str:
    return f"in the file {detail.get('file', '')}"


def _nothing(_detail: Detail) -> str:
    return ""


EVENTS: dict[str, tuple[str, str, str, Callable[[Detail], str]]] = {
    "assembled": ("Claim", "Claim put together from its charges", "idle", _nothing),
    "checked": ("Check", "Claim checked", "info", _checked),
    "acknowledged": ("Check", "Warnings looked at", "idle", _seen),
    "corrected": ("Check", "Corrected because of findings", "info", _changes),
    "suggestion_accepted": ("Coding", "A suggested code was accepted by name", "info", _change),
    "released": ("Check", "Released by name", "warn", _said),
    "queued": ("Submission", "Submitted: waits for the next file", "info", _nothing),
    "not_writable": ("Submission", "Could not be written", "bad", _said),
    "sent": ("Submission", "Sent to the clearinghouse (837P)", "info", _file),
    "999_accepted": ("Acknowledgement", "The file was taken in (999)", "good", _said),
    "999_rejected": ("Acknowledgement", "The file was rejected (999)", "bad", _said),
    "277ca_received": ("Acknowledgement", "The payer received the claim (277CA)", "info", _said),
    "277ca_accepted": ("Acknowledgement", "The payer accepted the claim (277CA)", "good", _said),
    "277ca_rejected": ("Acknowledgement", "The payer rejected the claim (277CA)", "bad", _said),
    "adjudicated": ("Remittance", "The payer decided (835)", "good", _decided),
    "reversed": ("Remittance", "The payer took its decision back (835)", "warn", _decided),
    "unposted": ("Remittance", "The remittance was un-posted", "warn", _said),
    "forwarded": ("Remittance", "The payer passed the claim on (835)", "info", _said),
    "predetermined": ("Remittance", "The payer said what it would pay (835)", "info", _said),
}


def event_moment(event: StoryEvent, row_id: UUID) -> Moment:
    """An event of the claim in words; a kind that nobody named yet stands as it is."""
    plain = event.kind.replace("_", " ").capitalize()
    chapter, title, tone, say = EVENTS.get(event.kind, ("Claim", plain, "idle", _said))
    if event.detail.get("blocking") or event.detail.get("denied_cents"):
        tone = "bad"
    return happened(
        event.at,
        row_id,
        chapter=chapter,
        title=title,
        detail=say(event.detail),
        tone=tone,
        who=event.actor_id,
    )


async def work_moments(session: AsyncSession, practice_id: UUID, subjects: Sequence[UUID]) -> list[Moment]:
    """What the claim and its sessions asked of people: opened with its action, closed with its outcome."""
    mine = (WorkItem.practice_id == practice_id, WorkItem.subject_id.in_(subjects))
    items = (await session.execute(select(WorkItem).where(*mine).order_by(WorkItem.created_at))).scalars()
    return [moment for item in items for moment in _of_item(item)]


def _of_item(item: WorkItem) -> list[Moment]:
    chapter = "Denial" if item.kind == "denial" else "Work"
    opened = happened(
        item.created_at,
        item.id,
        chapter=chapter,
        title=item.reason,
        detail=f"{item.next_action.rstrip('.')}, by {item.due_on:%-d %b %Y}",
        tone="bad" if item.kind == "denial" else "warn",
        written=("work_items", item.id),
    )
    if item.closed_at is None:
        return [opened]
    closed = happened(
        item.closed_at,
        item.id,
        chapter=chapter,
        title="Work done",
        detail=item.outcome or "",
        tone="good",
        written=("work_items", item.id),
    )
    return [opened, closed]


async def event_ids(session: AsyncSession, practice_id: UUID, claim_id: UUID) -> list[UUID]:
    """The ids of the claim's events, in the order of its story."""
    mine = (ClaimEvent.practice_id == practice_id, ClaimEvent.claim_id == claim_id)
    ordered = select(ClaimEvent.id).where(*mine).order_by(ClaimEvent.at, ClaimEvent.id)
    return list((await session.execute(ordered)).scalars())
