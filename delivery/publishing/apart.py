"""`python -m delivery.publishing.apart`: judges proposals in a child process that may be killed."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from threading import Lock

from pydantic import TypeAdapter

from delivery.budget import OverBudgetError, fill_quickly
from delivery.child import Child, serve
from delivery.messages import Content
from delivery.publishing.filling import words
from delivery.publishing.findings import Finding, error
from delivery.publishing.judging import findings
from delivery.publishing.material import Proposal
from delivery.rendering.fill import Template
from models.records import Json

PATIENCE = 60.0
"""Seconds a judgement may take; usual ones take less than one."""

VERDICTS = 512
"""Verdicts that are remembered: of a layout, two for each template that uses it."""
_SLOW = "over-budget"

_PROPOSALS, _FINDINGS = TypeAdapter(Proposal), TypeAdapter(list[Finding])


class Judge:
    """One child process that judges one proposal at a time, and remembers the newest verdicts."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._child = Child("delivery.publishing.apart", patience)
        self._verdicts: dict[bytes, tuple[Finding, ...]] = {}
        self._lock = Lock()

    def findings(self, proposal: Proposal) -> list[Finding]:
        """What there is to say of a proposal, the worst first.

        All that a verdict reads is in the proposal, so one of the same octets is not judged again:
        a layout is looked at in everything that uses it, at each click.
        """
        asked = _PROPOSALS.dump_json(proposal)
        mark = sha256(asked).digest()
        known = self._verdicts.get(mark)
        if known is not None:
            return list(known)
        said = self._child.ask(asked.decode())
        if said is None:
            why = f"Looking at it takes more than {self._child.patience:g} s, or too much memory."
            return [Finding(_SLOW, proposal.default, error(why))]
        found = _FINDINGS.validate_json(said)
        self._keep(mark, found)
        return found

    def _keep(self, mark: bytes, found: Sequence[Finding]) -> None:
        """Remember a verdict, unless it tells of this moment: how long it took."""
        if any(finding.code == _SLOW for finding in found):
            return
        with self._lock:
            self._verdicts[mark] = tuple(found)
            if len(self._verdicts) > VERDICTS:
                del self._verdicts[next(iter(self._verdicts))]

    def new_findings(self, template: str, before: Proposal, after: Proposal) -> list[Finding]:
        """What there is to say of a template that there was not before, the worst first."""
        known = {finding.mark for finding in self.findings(before)}
        return [
            replace(finding, template=template)
            for finding in self.findings(after)
            if finding.mark not in known
        ]

    def close(self) -> None:
        """End the child; the next proposal starts another."""
        self._child.close()


def _answer(line: str) -> str:
    proposal = _PROPOSALS.validate_json(line)
    return _FINDINGS.dump_json(findings(words(proposal, _filled))).decode()


def _filled(template: Template, context: Json) -> Content | None:
    """Within what a worker has for it, at the second try: the first one may load a language."""
    for _ in range(2):
        try:
            return fill_quickly(template, context)
        except OverBudgetError:
            continue
    return None


if __name__ == "__main__":
    serve(_answer)
