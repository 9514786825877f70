"""Templates as files: what is written is read again, what is wrong told by file and line."""

import pytest
from hypothesis import given, settings, strategies as st

from delivery.templates.folder import LARGEST, Bundle, bundles_of, files_of
from models.records import TemplateHead, TemplateKind, Words

HEAD = b'title = "Welcome"\nchannel = "email"\nlocale = "en"\n'
GOOD = {"welcome/template.toml": HEAD, "welcome/mail.mjml": b"<mjml>"}

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
words = st.builds(Words, texts, texts, st.none() | texts, st.none() | texts, st.none() | texts)
bundles = st.builds(
    Bundle,
    st.builds(
        TemplateHead,
        st.just("welcome"),
        texts.filter(str.strip),
        st.sampled_from(["email", "in_app", "sms"]),
        st.sampled_from(TemplateKind),
        st.just("en"),
        st.none() | st.integers(1, 99),
    ),
    st.fixed_dictionaries({"en": words}, optional={"de": words, "pt-BR": words}),
)


@settings(max_examples=60, deadline=None)
@given(bundles)
def test_what_is_written_is_what_is_read(bundle: Bundle):
    files = files_of(bundle)
    assert bundles_of(files) == ([bundle], [])
    assert files_of(bundles_of(files)[0][0]) == files


def test_a_file_may_end_without_a_line_break():
    ((bundle,), _) = bundles_of({**GOOD, "welcome/subject.txt": b"Hello"})
    assert bundle.words["en"].subject == "Hello"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"welcome/template.toml": None}, "welcome/template.toml:1: this file is missing"),
        ({"welcome/mail.mjml": None}, "welcome/mail.mjml:1: this file is missing"),
        ({"welcome/de/subject.txt": b"x"}, "welcome/de/mail.mjml:1: this file is missing"),
        ({"notes.txt": b"x"}, "notes.txt:1: a template is a folder"),
        ({"welcome/mial.mjml": b"x"}, "welcome/mial.mjml:1: there is no such part: the files are"),
        ({"welcome/body.txt": b"x"}, "welcome/body.txt:1: there is no such part"),
        ({"welcome/xx-nope/mail.mjml": b"x"}, "welcome/xx-nope/mail.mjml:1: xx-nope is no locale"),
        ({"welcome/de/x/mail.mjml": b"x"}, "welcome/de/x/mail.mjml:1: de/x is no locale"),
        ({"welcome/en/mail.mjml": b"x"}, "words in the default locale stand beside"),
        ({"welcome/pt_br/mail.mjml": b"x"}, "welcome/pt_br/mail.mjml:1: call this folder pt-BR"),
        ({"welcome/mail.mjml": b"a\n\xff"}, "welcome/mail.mjml:2: this is no UTF-8"),
        ({"welcome/mail.mjml": b"a\n\n\0"}, "welcome/mail.mjml:3: no text can hold NUL"),
        ({"welcome/mail.mjml": b"x" * (LARGEST + 1)}, "welcome/mail.mjml:1: this is larger than"),
        ({"welcome/template.toml": b"a = 1\nb ="}, "welcome/template.toml:2: this is no TOML"),
        ({"welcome/template.toml": HEAD + b"x = 1"}, "welcome/template.toml:1: unknown: x"),
        ({"welcome/template.toml": b'channel = "email"'}, "title is missing"),
        ({"welcome/template.toml": b'title = "a"\nchannel = "E"'}, "channel is a key like email"),
        ({"welcome/template.toml": HEAD + b"version = 0"}, "version is the number"),
        ({"welcome/template.toml": HEAD + b'kind = "page"'}, "kind is template, partial or layout"),
        ({"welcome/template.toml": HEAD.replace(b"en", b"qq-q")}, "qq-q is no locale"),
        ({"Wel come/template.toml": HEAD}, "Wel come/template.toml:1: a key is lower-case"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_file_and_line(changes: dict[str, bytes | None], said: str):
    files = {path: content for path, content in {**GOOD, **changes}.items() if content is not None}
    _, faults = bundles_of(files)
    assert any(str(fault).startswith(said) or said in fault.message for fault in faults), faults


def test_all_that_is_wrong_is_told_at_once():
    files = {**GOOD, "welcome/a.txt": b"", "welcome/b.txt": b"", "other/c.txt": b""}
    assert len(bundles_of(files)[1]) == 3
