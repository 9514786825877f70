"""`python -m delivery.publishing.apart`: judges proposals in a child process that may be killed."""

from dataclasses import replace

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

_PROPOSALS, _FINDINGS = TypeAdapter(Proposal), TypeAdapter(list[Finding])


class Judge:
    """One child process that judges one proposal at a time."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._child = Child("delivery.publishing.apart", patience)

    def findings(self, proposal: Proposal) -> list[Finding]:
        """What there is to say of a proposal, the worst first."""
        said = self._child.ask(_PROPOSALS.dump_json(proposal).decode())
        if said is None:
            why = f"Looking at it takes more than {self._child.patience:g} s, or too much memory."
            return [Finding("over-budget", proposal.default, error(why))]
        return _FINDINGS.validate_json(said)

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
