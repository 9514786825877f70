"""Which files mails may carry."""

import pytest

from delivery.files import KINDS, MOST, fault, kind_of, users, wrong
from models.records import Class, File, Topic


def file(key: str, size: int = 1) -> File:
    return File(key, "a.pdf", "application/pdf", size, None)


def test_a_type_goes_by_the_name():
    assert kind_of("Offer 4.PDF") == "application/pdf"
    assert {kind_of(f"a.{ending}") for ending in KINDS} == set(KINDS.values())


@pytest.mark.parametrize(
    "name",
    ["", "offer", "a.exe", "a.pdf.js", "a.zip", "a.html", "a.svg", "../a.pdf", "a\n.pdf",
     'a".pdf', "x" * 200 + ".pdf"],
)  # fmt: skip
def test_nothing_that_runs_or_hides_what_it_is(name: str):
    with pytest.raises(ValueError, match=r"mails carry no such files|a file's name has"):
        kind_of(name)


@pytest.mark.parametrize(
    ("key", "octets", "said"),
    [
        ("", b"x", "a file's key"),
        (" a", b"x", "a file's key"),
        ("a\0", b"x", "a file's key"),
        ("x" * 121, b"x", "at most 120"),
        ("a", b"", "is empty"),
        ("a", bytes(MOST + 1), "mails carry at most"),
    ],
)
def test_what_cannot_be_kept_is_said(key: str, octets: bytes, said: str):
    assert said in str(fault(key, octets))


def test_what_can_is_not():
    assert fault("offers/2026 Zoë", bytes(MOST)) is None


def test_files_go_together_if_all_are_there_and_not_too_large():
    assert wrong(["a", "b"], [file("a"), file("b", MOST - 1)]) is None
    assert "is not there" in str(wrong(["a", "b"], [file("a")]))
    assert "bytes together" in str(wrong(["a", "b"], [file("a"), file("b", MOST)]))


def test_what_names_a_file_is_told():
    topic = Topic("news", "News", "news", Class.PROMOTIONAL, (), attachments=("terms",))
    assert users([topic], {"terms": ["spring"], "flyer": ["spring", "fall"]}) == {
        "terms": ("topic news", "campaign spring"),
        "flyer": ("campaign spring", "campaign fall"),
    }
