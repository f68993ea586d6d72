"""What a service is called when we speak to those who pay: short, plain, in our own words.

A name says no more than its reader must know; a code without one is called by its discipline.
"""

PLAIN_NAMES: dict[str, str] = {
    "20560": "Dry needling",
    "20561": "Dry needling",
    "90791": "First talk visit",
    "90792": "First talk visit",
    "90839": "Urgent talk visit",
    "90840": "Urgent talk visit",
    "90846": "Family visit",
    "90847": "Family visit",
    "90849": "Group talk visit",
    "90853": "Group talk visit",
    "90863": "Check of your drugs",
    "92507": "Speech visit",
    "92508": "Group speech visit",
    "92521": "Speech test",
    "92522": "Speech test",
    "92523": "Speech test",
    "92524": "Voice test",
    "92526": "Help with eating",
    "92607": "Speech device test",
    "92608": "Speech device test",
    "92609": "Help with a speech device",
    "92610": "Test of eating",
    "95992": "Care for a dizzy spell",
    "96105": "Speech test",
    "96125": "Thinking test",
    "97010": "Hot or cold packs",
    "97012": "Traction",
    "97014": "Nerve pulses",
    "97032": "Nerve pulses",
    "97035": "Sound wave care",
    "97110": "Exercise",
    "97112": "Balance work",
    "97113": "Pool exercise",
    "97116": "Walking practice",
    "97124": "Massage",
    "97129": "Thinking skills",
    "97130": "Thinking skills",
    "97140": "Hands-on care",
    "97150": "Group visit",
    "97151": "Skills test and plan",
    "97152": "Skills test",
    "97153": "Skills visit",
    "97154": "Group skills visit",
    "97155": "Skills visit with a lead",
    "97156": "Coaching for parents",
    "97157": "Group coaching for parents",
    "97158": "Group skills visit",
    "97530": "Daily life practice",
    "97533": "Senses practice",
    "97535": "Self-care practice",
    "97542": "Wheelchair help",
    "97750": "Strength test",
    "97760": "Brace fitting",
    "97761": "New limb fitting",
    "97763": "Brace check",
    "G0283": "Nerve pulses",
    "H0031": "First visit",
    "H0032": "Plan for your care",
}
_FIRST_VISIT = frozenset({"97161", "97162", "97163", "97165", "97166", "97167"})
_CHECK_UP = frozenset({"97164", "97168"})
_TALK = frozenset({"90832", "90833", "90834", "90836", "90837", "90838", "90845", "H0004"})
_BY_DISCIPLINE = {"SLP": "Speech visit", "BH": "Talk visit", "ABA": "Skills visit"}


def plain_name(code: str, discipline: str) -> str:
    """The name of a service for its payer; never the code, and never the words of a code book."""
    if code in _FIRST_VISIT:
        return "First visit"
    if code in _CHECK_UP:
        return "Check-up visit"
    if code in _TALK:
        return "Talk visit"
    return PLAIN_NAMES.get(code) or _BY_DISCIPLINE.get(discipline, "Visit")
