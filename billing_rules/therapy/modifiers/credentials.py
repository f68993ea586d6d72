"""HM, HN, HO, HP, AH, AJ and the like: by payer, credential and code, never by a constant."""

from billing_rules.rule_book import RuleBook
from billing_rules.therapy.modifiers.advice import ModifierAdvice, advise
from billing_rules.therapy.modifiers.shapes import CREDENTIAL_MODIFIERS, CredentialModifiers
from billing_rules.therapy.payer_rules import Asked, ask


def credential_advice(
    book: RuleBook, asked: Asked, credential: str | None, code: str
) -> list[ModifierAdvice]:
    """The modifier of whoever furnished the service; raises NoRuleInForce."""
    by = ask(book, CREDENTIAL_MODIFIERS, asked)
    wanted = by.read(CredentialModifiers).wanted(credential or "", code)
    if wanted is None:
        return []
    return [advise(wanted, f"{code} furnished by a {credential}.", by, credential=credential, code=code)]
