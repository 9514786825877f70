"""Compiles MJML with Jinja in it to HTML with the same Jinja in it, once per version."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from types import MappingProxyType

from mjml import mjml_to_html

from delivery.errors import Problem, RenderingError
from delivery.rendering.components import LENIENT
from delivery.rendering.fold import folded
from delivery.rendering.lint import jinja_problems, problems
from delivery.rendering.locales import direction
from delivery.rendering.partials import whole
from delivery.rendering.tokens import Kind, Protected, Token, one_newline, protect, tokens
from models.records import UNDETERMINED, TemplateVersion

_FONTS = "https://fonts.googleapis.com/css?family="
_BUILT_IN = {
    "Open Sans": f"{_FONTS}Open+Sans:300,400,500,700",
    "Droid Sans": f"{_FONTS}Droid+Sans:300,400,500,700",
    "Lato": f"{_FONTS}Lato:300,400,500,700",
    "Roboto": f"{_FONTS}Roboto:300,400,500,700",
    "Ubuntu": f"{_FONTS}Ubuntu:300,400,500,700",
}
"""Fonts the compiler brings along; declaring one of them again makes it stop."""

_ATTRIBUTES = r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*+"
_TAG_OR_HIDDEN = re.compile(
    rf"(?is)<!--.*?-->|<(mj-style|mj-title|mj-preview|mj-html-attribute)\b{_ATTRIBUTES}>"
    rf".*?</\1\s*>|<[a-zA-Z/!]{_ATTRIBUTES}>"
)
_COMMENT = re.compile(r"(?s)<!--.*?-->")
_CAROUSEL = re.compile(r"(?is)<mj-carousel\b.*?</mj-carousel\s*>")
_FONT = re.compile(rf"(?i)<mj-font\b{_ATTRIBUTES}>(?:\s*</mj-font\s*>)?")
_NAME = re.compile(r"(?i)\bname\s*=\s*[\"']([^\"']*)")
_HREF = re.compile(r"(?i)\bhref\s*=\s*[\"']([^\"']*)")
_LOOPED_ROWS = re.compile(rf"(?i)(<(?:mj-)?table\b{_ATTRIBUTES}>)((?:\s|<!--\w+-->)+)(?=<tr\b)")
_DOCUMENT = re.compile(r"(?is)^(.*?)(<mjml\b.*</mjml\s*>)(.*)$")
_HEAD = re.compile(rf"(?i)<mj-head\b{_ATTRIBUTES}(?<!/)>")
_ROOT = re.compile(rf"(?i)<mjml\b{_ATTRIBUTES}>")
_RIGHT_TO_LEFT = (
    '<mj-attributes><mj-text align="right" /><mj-table align="right" />'
    '<mj-column direction="rtl" /><mj-section direction="rtl" /></mj-attributes>'
)
"""Where lines begin unless a template says otherwise: the compiler knows of the left alone."""


_NO_PARTIALS: Mapping[str, str] = MappingProxyType({})


def compile_mjml(
    source: str,
    preheader: str | None = None,
    *,
    locale: str = UNDETERMINED,
    partials: Mapping[str, str] = _NO_PARTIALS,
) -> str:
    r"""HTML with the Jinja of the source left in it, in lines that end in `\n`.

    Args:
        source: MJML with Jinja.
        preheader: Jinja; becomes the hidden preview text unless the source has its own.
        locale: The language of the words, for those who read them aloud, and its direction.
        partials: Key to source of what it may include.

    Raises:
        RenderingError: What is wrong with the source, by line.
    """
    if found := _of_preheader(preheader):
        raise RenderingError(found)
    made = whole(source, partials)
    with made.locating():
        if found := problems(made.text):
            raise RenderingError(found)
        return _html(protect(made.text), preheader, locale)


def compiled_version(version: TemplateVersion) -> TemplateVersion:
    """An e-mail version with its HTML.

    Raises:
        RenderingError: What is wrong with its source, by line.
    """
    html = compile_mjml(
        version.source, version.preheader, locale=version.locale, partials=version.store
    )
    return replace(version, compiled=html)


def _html(protected: Protected, preheader: str | None, locale: str) -> str:
    before, document, after = _parts(protected)
    document = _in_language(document, locale)
    document = _with_preview(document, protected.mark) if preheader else document
    html = folded(_compiled(_readable(document, protected)))
    _refuse_loss(protected, before + html + after)
    html = protected.restored(before + html + after)
    return html.replace(_slot(protected.mark), _escaped(preheader or ""))


def _of_preheader(preheader: str | None) -> list[Problem]:
    found = jinja_problems(preheader or "")
    return [Problem(problem.line, f"preheader: {problem.message}") for problem in found]


def _parts(protected: Protected) -> tuple[str, str, str]:
    """What is before, inside and after `<mjml>`; outside only Jinja is kept."""
    found = _DOCUMENT.match(_without_comments(protected))
    if found is None:
        raise RenderingError([Problem(1, "there is no <mjml> … </mjml>")])
    return _jinja_only(found[1]), found[2], _jinja_only(found[3])


def _without_comments(protected: Protected) -> str:
    def kept(found: re.Match[str]) -> str:
        return "" if protected.token(found).kind is Kind.COMMENT else found[0]

    return protected.pattern.sub(kept, protected.text)


def _jinja_only(outside: str) -> str:
    # A macro may hold HTML; an XML declaration or a comment would stand before the doctype.
    return re.sub(
        r"(?s)<!--.*?-->|<\?.*?\?>|<!doctype[^>]*>", "", outside, flags=re.IGNORECASE
    ).strip()


def _slot(mark: str) -> str:
    return f"{mark}preheader"


def _with_preview(document: str, mark: str) -> str:
    if re.search(r"(?i)<mj-preview\b", _COMMENT.sub("", document)):
        return document
    return _into_head(document, f"<mj-preview>{_slot(mark)}</mj-preview>")


def _into_head(document: str, element: str) -> str:
    if head := _HEAD.search(document):
        return document[: head.end()] + element + document[head.end() :]
    root = _ROOT.search(document)
    at = root.end() if root else 0
    return f"{document[:at]}<mj-head>{element}</mj-head>{document[at:]}"


def _in_language(document: str, locale: str) -> str:
    """The document with its language said, and laid out from right to left where it runs so.

    What its author says themselves goes first.
    """
    if locale == UNDETERMINED or not (root := _ROOT.search(document)):
        return document
    way = direction(locale)
    said = {"lang": locale, "dir": way}
    new = "".join(f' {name}="{value}"' for name, value in said.items() if f"{name}=" not in root[0])
    document = document.replace(root[0], f"{root[0][:-1]}{new}>", 1)
    return _into_head(document, _RIGHT_TO_LEFT) if way == "rtl" else document


def _escaped(preheader: str) -> str:
    return "".join(
        escape(token.text) if token.kind is Kind.DATA else token.text
        for token in tokens(one_newline(preheader))
    )


def _readable(document: str, protected: Protected) -> str:
    """What the compiler can take: Jinja between tags as comments, which it leaves in place.

    As comments they may even stand between the rows of a table, from where plain text would
    be moved out when styles are inlined.
    """
    document = _CAROUSEL.sub(lambda found: _COMMENT.sub("", found[0]), document)
    pieces, position = [], 0
    for found in _TAG_OR_HIDDEN.finditer(document):
        pieces += [_as_comments(document[position : found.start()], protected), found[0]]
        position = found.end()
    document = "".join([*pieces, _as_comments(document[position:], protected)])
    # Where HTML is parsed while inlining, a <tbody> left out would begin inside the loop.
    return _LOOPED_ROWS.sub(r"\1<tbody>\2", document)


def _as_comments(text: str, protected: Protected) -> str:
    def wrapped(found: re.Match[str]) -> str:
        return found[0] if protected.token(found).kind is Kind.LITERAL else f"<!--{found[0]}-->"

    return protected.pattern.sub(wrapped, text)


def _compiled(document: str) -> str:
    document, fonts = _without_repeated_fonts(document)
    try:
        html: str = mjml_to_html(document, custom_components=LENIENT).html
    except Exception as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise RenderingError([Problem(1, f"the MJML compiler stopped ({what})")]) from error
    for name, url in fonts.items():
        html = html.replace(_BUILT_IN[name], url)
    # Without the bracket Outlook shows what is meant for everybody else.
    return html.replace("<!--[if !mso><!-->", "<!--[if !mso]><!-->")


def _without_repeated_fonts(document: str) -> tuple[str, dict[str, str]]:
    """The document with each font declared once, and the new homes of built-in fonts."""
    seen: set[str] = set()
    moved: dict[str, str] = {}

    def kept(found: re.Match[str]) -> str:
        name, url = _NAME.search(found[0]), _HREF.search(found[0])
        if name is None or url is None or name[1] in seen:
            return ""
        seen.add(name[1])
        if name[1] not in _BUILT_IN:
            return found[0]
        moved[name[1]] = url[1]
        return ""

    return _FONT.sub(kept, document), moved


def _refuse_loss(protected: Protected, html: str) -> None:
    lost: list[Token] = protected.lost(html)
    if lost:
        raise RenderingError(
            [
                Problem(token.line, f"{token.text} has no place in the HTML that is made of it")
                for token in lost
            ]
        )
