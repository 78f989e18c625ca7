"""What an audit found: a list of checks, each with its figure and its first few violations."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

SHOWN = 5


@dataclass
class Check:
    """One invariant: what it says, how much was looked at, and what broke it.

    figure: what was counted, for a person, such as "1,204 events".
    failures: how many violations there were; `violations` keeps the first few of them.
    """

    name: str
    figure: str = ""
    failures: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.failures == 0

    def refute(self, violation: str) -> None:
        """Count a violation, and keep it if it is among the first few."""
        self.failures += 1
        if len(self.violations) < SHOWN:
            self.violations.append(violation)


class Invariants:
    """What an audit judges: each attribute of a subclass is a check, told in their order."""

    def all(self) -> list[Check]:
        return list(vars(self).values())


@dataclass
class Verdict:
    """All checks of one audit, and what the audit had to be lenient about."""

    domain: str
    checks: list[Check]
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    def check(self, name: str) -> Check:
        """The check called `name`; KeyError if there is none."""
        return {check.name: check for check in self.checks}[name]

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the checks with `ok`, figures and violations."""
        return {
            "domain": self.domain,
            "ok": self.ok,
            "checks": [{"ok": check.ok, **asdict(check)} for check in self.checks],
            "notes": self.notes,
        }

    def __str__(self) -> str:
        held = "holds" if self.ok else "DOES NOT HOLD"
        return "\n".join([f"{self.domain}: {held}", *self._lines()])

    def _lines(self) -> Iterable[str]:
        for check in self.checks:
            yield f"  {'ok  ' if check.ok else 'FAIL'} {check.name} ({check.figure})"
            for violation in check.violations:
                yield f"         {violation}"
            if check.failures > len(check.violations):
                yield f"         and {check.failures - len(check.violations):,} more"
        for note in self.notes:
            yield f"  note {note}"
