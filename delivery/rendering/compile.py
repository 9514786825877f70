"""Compiles MJML with Jinja in it to HTML with the same Jinja in it, once per version."""

import re
from html import escape

from mjml import mjml_to_html

from delivery.errors import Problem, RenderingError
from delivery.rendering.fold import folded
from delivery.rendering.lint import jinja_problems, problems
from delivery.rendering.tokens import Kind, Protected, Token, one_newline, protect, tokens

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


def compile_mjml(source: str, preheader: str | None = None) -> str:
    r"""HTML with the Jinja of the source left in it, in lines that end in `\n`.

    Args:
        source: MJML with Jinja.
        preheader: Jinja; becomes the hidden preview text unless the source has its own.

    Raises:
        RenderingError: What is wrong with the source, by line.
    """
    found = problems(source) or _of_preheader(preheader)
    if found:
        raise RenderingError(found)
    protected = protect(source)
    before, document, after = _parts(protected)
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
    preview = f"<mj-preview>{_slot(mark)}</mj-preview>"
    if head := _HEAD.search(document):
        return document[: head.end()] + preview + document[head.end() :]
    root = _ROOT.search(document)
    at = root.end() if root else 0
    return f"{document[:at]}<mj-head>{preview}</mj-head>{document[at:]}"


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
        html: str = mjml_to_html(document).html
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
