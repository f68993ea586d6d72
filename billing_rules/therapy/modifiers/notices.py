"""GA, GX, GY and GZ: what the patient was told of a service that the payer may not cover."""

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import NOTICE_MODIFIERS
from billing_rules.therapy.payer_rules import Asked, ask

_WHY = {
    "required_on_file": "A required notice of likely denial is on file, signed by the patient.",
    "voluntary": "A voluntary notice about a service that is no benefit is on file.",
    "expected_denial": "Denial is expected and no notice is on file.",
    "excluded": "The service is excluded by statute or no benefit.",
}


def notice_advice(book: RuleBook, asked: Asked, notice: str) -> list[ModifierAdvice]:
    """The modifiers of a notice where the payer reads them; raises NoRuleInForce."""
    if notice == "none":
        return []
    by = ask(book, NOTICE_MODIFIERS, asked)
    wanted = by.read(dict[str, tuple[str, ...]]).get(notice, ())
    return [advise(modifier, _WHY[notice], by, notice=notice) for modifier in wanted]
