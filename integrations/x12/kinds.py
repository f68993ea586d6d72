"""Names a transaction by ST01 and ST03 together, because GS08 alone is not to be trusted."""

_IMPLEMENTATIONS = {
    "X222": "837P",
    "X098": "837P",
    "X223": "837I",
    "X096": "837I",
    "X224": "837D",
    "X097": "837D",
    "X214": "277CA",
}


def transaction_kind(set_id: str, implementation: str) -> str:
    """For example 835, 837P, 837I, 277CA, 999; the plain set id where nothing tells more."""
    if set_id in {"837", "277"}:
        for part, kind in _IMPLEMENTATIONS.items():
            if part in implementation and kind.startswith(set_id):
                return kind
    return set_id
