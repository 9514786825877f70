"""Templates out of files into the store: looked at first, all of them or none."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from delivery.publishing.apart import Judge
from delivery.publishing.cases import ANNA
from delivery.publishing.findings import Finding
from delivery.publishing.material import Proposal
from delivery.publishing.pieces import anew, problems, with_pieces
from delivery.publishing.proposing import proposed
from delivery.rendering.saving import equipped, remade
from delivery.templates.folder import Bundle, Fault, place
from delivery.templates.gallery import gallery, starters
from models.queries.configuring import drafts, personas, publishing, templates
from models.queries.configuring.partials import publish_partial
from models.records import (
    ApprovalKind,
    Ask,
    NewVersion,
    TemplateDraft,
    TemplateHead,
    TemplateKind,
    TemplateVersion,
)
from scheduler.commands.approvals import go_past
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting


class RefusedError(ValueError):
    """Something stands in the way: a line for each, and nothing was changed."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


def ordered(bundles: Sequence[Bundle]) -> list[Bundle]:
    """Pieces before what may include them."""
    return sorted(
        bundles, key=lambda one: (one.head.kind is TemplateKind.TEMPLATE, one.head.template)
    )


def stored(by: Acting, head: TemplateHead) -> Bundle:
    """A template as the store has it live."""
    texts = by.tx.run(templates.texts(head.template, head.live_version or 0))
    locale = texts[0].locale if texts else head.locale
    return Bundle(replace(head, locale=locale), {text.locale: text.words for text in texts})


def changed(by: Acting, bundles: Sequence[Bundle]) -> list[Bundle]:
    """Those that say something else than what is live.

    Raises:
        RefusedError: The store has something newer than what they were made from.
    """
    there = by.tx.run(templates.heads())
    wrong: list[str] = []
    found = []
    for bundle in bundles:
        head = there.get(bundle.head.template)
        if head is not None and _same(stored(by, head), bundle):
            continue
        wrong += [] if head is None else _conflicts(head, bundle)
        found.append(bundle)
    if wrong:
        raise RefusedError(wrong)
    return found


def _same(one: Bundle, other: Bundle) -> bool:
    heads = (replace(each.head, live_version=None) for each in (one, other))
    return one.words == other.words and len(set(heads)) == 1


def archived(key: str) -> str:
    """That a template is put away, and the way back."""
    return f"{key} is archived: bring it back with `tidings templates restore {key}` first"


def _conflicts(head: TemplateHead, bundle: Bundle) -> Iterator[str]:
    key, file = head.template, f"{head.template}/template.toml"
    if head.archived:
        yield f"{file}:1: {archived(key)}, or take another key"
        return
    if (head.channel, head.kind) != (bundle.head.channel, bundle.head.kind):
        yield f"{file}:1: {key} is and stays a {head.kind} for {head.channel}: take another key"
    elif head.live_version != bundle.head.live_version:
        pulled = bundle.head.live_version
        these = "these files were never pulled" if pulled is None else f"these are of {pulled}"
        live = "nothing" if head.live_version is None else f"version {head.live_version}"
        yield (
            f"{file}:1: {live} is live in the store and {these}: run `tidings templates pull OTHER"
            f" {key}`, merge what differs into this folder, and set version to that of OTHER"
        )


def faults(bundles: Sequence[Bundle], partials: Sequence[TemplateVersion]) -> list[Fault]:
    """What cannot be put together or read, by file: of pieces; the gate says it of templates."""
    found = []
    for bundle in bundles:
        for text in bundle.texts if bundle.head.kind is not TemplateKind.TEMPLATE else ():
            file = place(bundle, text.locale, "source")
            found += [Fault(file, one.line, one.message) for one in problems(text, partials)]
    return found


def with_files(bundles: Sequence[Bundle], live: Sequence[TemplateVersion]) -> list[TemplateVersion]:
    """The partials there would be: those of the files over those that are live."""
    mine = [each for each in bundles if each.head.kind is not TemplateKind.TEMPLATE]
    return with_pieces(live, [text for bundle in mine for text in bundle.texts])


def looked_at(
    by: Acting | None, bundle: Bundle, judge: Judge, partials: Sequence[TemplateVersion]
) -> list[Finding]:
    """What the gate says of a template; a piece is looked at in what uses it."""
    if bundle.head.kind is not TemplateKind.TEMPLATE:
        return [] if by is None else _in_users(by, bundle.head.template, judge, partials)
    texts = {text.locale: equipped(text, partials) for text in bundle.texts}
    there = None if by is None else by.tx.follow(publishing.publishable(bundle.head.template))
    if there is None:
        return judge.findings(Proposal(texts, bundle.head.locale))
    head = replace(there.head, locale=bundle.head.locale)
    return judge.findings(proposed(replace(there, head=head), texts, ()))


def _in_users(
    by: Acting, piece: str, judge: Judge, partials: Sequence[TemplateVersion]
) -> list[Finding]:
    """What a piece would bring upon the templates that use it, in the words that are live."""
    live, found = by.tx.run(templates.live_partials()), []
    for user in by.tx.follow(publishing.users_of(piece)):
        before, after = (anew(user, pieces, ()) for pieces in (live, partials))
        found += judge.new_findings(user.head.template, before, after)
    return found


def told(bundle: Bundle, finding: Finding) -> str:
    """A finding with its file and line; in a template that uses a piece, by its name."""
    remark = finding.remark
    if finding.template is not None:
        where = f"{place(bundle, bundle.head.locale, 'source')}:1"
        said = f"in {finding.template} ({finding.locale}), line {remark.line or 1}: {remark.said}"
        return f"{where}: {remark.severity}: {said} [{finding.code}]"
    file = place(bundle, finding.locale, remark.part)
    return f"{file}:{remark.line or 1}: {remark.severity}: {remark.said} [{finding.code}]"


def publish(by: Acting, bundle: Bundle) -> str:
    """Make what files say the next version, and send that from now on."""
    head, key = bundle.head, bundle.head.template
    by.tx.run(templates.locked(key))
    number = by.tx.run(templates.next_number(key))
    texts = tuple(replace(text, version=number) for text in bundle.texts)
    if head.kind is TemplateKind.TEMPLATE:
        texts = remade(texts, number, by.tx.run(templates.live_partials()))
        by.tx.follow(
            publishing.publish_drafts(NewVersion(head, texts, operator(), by.now), {}, by.now)
        )
        touched: list[TemplateHead] = []
    else:
        new = NewVersion(head, texts, operator(), by.now)
        touched = by.tx.follow(publish_partial(new, remade))
    used = [user.template for user in touched]
    by.note("published a template", key, after=number, locales=sorted(bundle.words), touched=used)
    for each in [key, *used]:
        _go_past(by, each)
    also = f"; new versions of {', '.join(used)}, which include it" if used else ""
    return f"{key}: version {number} is live{also}."


def _go_past(by: Acting, template: str) -> None:
    """Tell the audit where the console would have waited; a piece itself is never sent."""
    there = by.tx.follow(publishing.publishable(template))
    if there is not None and there.head.kind is TemplateKind.TEMPLATE:
        go_past(by, Ask(ApprovalKind.TEMPLATE, template, {}, classes=there.classes))


def draft(by: Acting, bundle: Bundle) -> str:
    """Keep what files say as drafts, where the words differ from what is live.

    Raises:
        RefusedError: Somebody else has a draft there that says something else.
    """
    head, key = bundle.head, bundle.head.template
    if key not in by.tx.run(templates.heads()):
        by.tx.run(templates.save_head(head, by.now))
    there = stored(by, head).words
    base = head.live_version
    kept = []
    for locale, words in bundle.words.items():
        if there.get(locale) == words:
            continue
        wanted = TemplateDraft(key, locale, words, 0, base, by.now, operator())
        try:
            by.tx.follow(drafts.save_draft(wanted))
        except drafts.StaleError as error:
            raise RefusedError([f"{place(bundle, locale, 'source')}:1: {error}"]) from None
        kept.append(locale)
    by.note("drafted a template", key, locales=kept)
    return f"{key}: a draft in {', '.join(kept)}."


def install(by: Acting, keys: Collection[str]) -> list[str]:
    """Publish starters of the gallery with the pieces they need; what is there already stays.

    Raises:
        RefusedError: One of them is archived.
    """
    there = by.tx.run(templates.heads())
    wanted = [
        bundle
        for bundle in ordered(gallery())
        if bundle.head.template in keys or bundle.head.kind is not TemplateKind.TEMPLATE
    ]
    if away := [key for one in wanted if there.get(key := one.head.template, one.head).archived]:
        raise RefusedError([archived(key) for key in away])
    new = [bundle for bundle in wanted if bundle.head.template not in there]
    said = [publish(by, bundle) for bundle in new]
    _keep_examples(by, {bundle.head.template for bundle in new})
    return said


def _keep_examples(by: Acting, installed: Collection[str]) -> None:
    """What starters can be looked at with in the studio, before a topic uses them."""
    for starter in starters():
        if starter.bundle.head.template in installed:
            example = starter.example(starter.bundle.head.template, ANNA)
            by.tx.run(personas.save_persona(example, operator(), by.now))
