"""A secondary claim is paid at most what the first payer left to the patient."""

import re

from tests.integrations.payer_simulator.practice import Desk, adjustments, claim, file_text, line

OTHER = "SBR*P*18*******CI~AMT*D*{paid}~OI***Y***Y~NM1*IL*1*QUILL*ANN****MI*P9~NM1*PR*2*FIRST*****PI*F1~"
LINE = "SVD*F1*{paid}*HC:97110:GP**1~CAS*CO*45*20~CAS*PR*2*{left}~DTP*573*D8*20260226~"


def secondary(other: str, line_level: str) -> Desk:
    """A desk after a secondary claim with what the first payer said."""
    text = file_text(claim(line(charge_cents=5_000)))
    text = text.replace("SBR*P*", "SBR*S*", 1).replace("LX*1~", other + "LX*1~")
    text = re.sub(r"(REF\*6R\*[^~]*~)", rf"\1{line_level}", text)
    body = text[text.index("ST*") : text.index("SE*")]
    desk = Desk()
    desk.payer.submit(re.sub(r"SE\*\d+", f"SE*{body.count('~') + 1}", text))
    desk.wait()
    return desk


def test_what_the_first_payer_said_of_the_line_counts() -> None:
    desk = secondary(OTHER.format(paid="24"), LINE.format(paid="24", left="6"))
    [paid] = desk.paid()
    assert (paid.status, paid.paid_cents) == ("2", 600)
    assert adjustments(paid) == [("OA", "23", 4_400)]


def test_a_first_payment_known_for_the_claim_alone_is_spread() -> None:
    desk = secondary(OTHER.format(paid="24"), "")
    [paid] = desk.paid()
    assert (paid.paid_cents, adjustments(paid)) == (600, [("OA", "23", 4_400)])


def test_it_never_pays_more_than_its_own_benefit() -> None:
    desk = secondary(OTHER.format(paid="0"), LINE.format(paid="0", left="30"))
    [paid] = desk.paid()
    assert (paid.paid_cents, adjustments(paid)) == (1_000, [("OA", "23", 2_000), ("PR", "2", 2_000)])
