"""The rules and packs of this process."""

from functools import cache

from billing_rules.rule_book import RuleBook, load_shipped


@cache
def shipped_rules() -> RuleBook:
    """The rules that come with the product, read once."""
    return load_shipped()
