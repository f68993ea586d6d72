"""Short code lists that an address or an accident of an 837P may name."""

STATES = frozenset(
    # The fifty states and the District of Columbia, the territories, the armed forces.
    """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC
    ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
    AS GU MP PR VI
    AA AE AP
    """.split()  # noqa: SIM905 (a list of fifty-nine quoted strings reads worse)
)
# PAT01: how the patient stands to the subscriber; the subscriber's own self is never sent there.
RELATIONSHIPS = frozenset({"01", "19", "20", "21", "39", "40", "53", "G8"})
ACCIDENT_CAUSES = frozenset({"AA", "EM", "OA"})
