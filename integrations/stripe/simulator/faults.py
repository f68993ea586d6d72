"""What can be made to go wrong at the simulated Stripe, one request at a time."""

from typing import Literal, get_args

import msgspec

Fault = Literal["error_before", "error_after", "error_after_unsaved", "hang_after", "rate_limited", "slow"]
"""error_before: 500, nothing done; error_after: done, and the 500 is what a repeated key replays, as
Stripe documents; error_after_unsaved: done, answered 500, a repeated key gets the true answer;
hang_after: done, no answer ever; rate_limited: 429, nothing done; slow: works half a second first."""

FAULTS: frozenset[str] = frozenset(get_args(Fault))


class PlannedFault(msgspec.Struct, frozen=True, kw_only=True):
    """The next `times` requests to a path that holds `path` meet `fault`."""

    fault: Fault
    path: str = ""
    times: int = 1


class Faults:
    """The planned faults in order; each request uses up at most one."""

    def __init__(self) -> None:
        self._planned: list[tuple[Fault, str]] = []

    def plan(self, planned: PlannedFault) -> None:
        """Queue the fault."""
        self._planned += [(planned.fault, planned.path)] * planned.times

    def next_for(self, path: str) -> Fault | None:
        """Take the first planned fault for this path, if any."""
        for place, (fault, part) in enumerate(self._planned):
            if part in path:
                del self._planned[place]
                return fault
        return None
