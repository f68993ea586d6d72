"""What the population's care plans are for, as ICD-10-CM codes, and which discipline treats it."""

from billing_rules.therapy.code_table import Discipline

DIAGNOSES: dict[str, tuple[str, ...]] = {
    "Sprain of ankle": ("S93401D", "M25571"),
    "Osteoarthritis of knee": ("M1711", "R2689"),
    "Osteoarthritis of hip": ("M1611", "R2689"),
    "Whiplash injury to neck": ("S134XXD", "M542"),
    "Injury of tendon of the rotator cuff of shoulder": ("S46011D", "M25511"),
    "Injury of anterior cruciate ligament": ("S83511D",),
    "Injury of medial collateral ligament of knee": ("S83411D",),
    "Closed fracture of hip": ("S72001D", "R2689"),
    "Fracture of ankle": ("S82891D",),
    "Sprain of wrist": ("S63501D",),
    "Fracture of forearm": ("S5291XD",),
    "Fracture subluxation of wrist": ("S62101D",),
    "Localized, primary osteoarthritis of the hand": ("M19041",),
    "Concussion with no loss of consciousness": ("S060X0D", "R41841"),
    "Concussion with loss of consciousness": ("S060X1D", "R41841"),
    "Alzheimer's disease (disorder)": ("G309", "R41841"),
    "Child attention deficit disorder": ("F902",),
    "Posttraumatic stress disorder": ("F4310",),
    "Major depression disorder": ("F331",),
}
REASONS: dict[Discipline, tuple[str, ...]] = {
    "PT": tuple(list(DIAGNOSES)[:9]),
    "OT": tuple(list(DIAGNOSES)[9:13]),
    "SLP": tuple(list(DIAGNOSES)[13:16]),
    "BH": tuple(list(DIAGNOSES)[16:]),
}
OTHERWISE_BH = ("F411",)
AUTISM = ("F840",)
SHOULDER = ("S46012D", "M25512")
