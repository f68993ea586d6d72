"""What the demonstration's therapists attest of their notes: each item of the shipped checklists."""

from billing_rules.therapy.documentation.checklists import shipped_checklists
from domain.visits.notes import NewDocumentation

PURPOSE = {
    "PT": "Strength and gait as planned",
    "OT": "Daily activities as planned",
    "SLP": "Speech targets as planned",
    "BH": "Next step of the treatment plan",
    "ABA": "Targets of the programme",
}


def attestation(discipline: str, lacking: str | None = None) -> NewDocumentation:
    """What was ticked and signed, as their system sends it, less the item that nobody ticked."""
    asked = {
        item.id
        for checklist in shipped_checklists()
        if not checklist.disciplines or discipline in checklist.disciplines
        for item in checklist.items
    }
    asked.discard(lacking or "")
    return NewDocumentation(
        items=dict.fromkeys(sorted(asked), True),
        session_type="individual",
        purpose=PURPOSE.get(discipline, "As planned"),
    )
