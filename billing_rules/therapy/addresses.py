"""The states and territories that an address on a claim may name (005010X222A1 N402)."""

STATES = frozenset(
    # The fifty states and the District of Columbia, the territories, the armed forces.
    """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC
    ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
    AS GU MP PR VI
    AA AE AP
    """.split()  # noqa: SIM905 (a list of fifty-nine quoted strings reads worse)
)
