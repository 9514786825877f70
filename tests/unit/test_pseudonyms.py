"""Who was erased is known by a keyed hash that lies where the person did."""

from uuid import UUID

from hypothesis import given, strategies as st

from models.ids import bucket_of, dedup_key, key_bucket
from models.pseudonyms import Pseudonyms, is_pseudonym

NEW, OLD = b"n" * 32, b"o" * 32
NAMES = Pseudonyms((NEW, OLD))
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=50)


@given(TEXTS)
def test_a_pseudonym_lies_in_the_bucket_of_what_it_stands_for(text: str):
    for name in (*NAMES.recipient(text), *NAMES.address(text)):
        assert is_pseudonym(name)
        assert bucket_of(name) == bucket_of(text)


@given(st.uuids(), TEXTS)
def test_a_keys_pseudonym_lies_where_the_key_did(source: UUID, key: str):
    for name in NAMES.key(source.bytes, key):
        assert key_bucket(source, dedup_key(name)) == key_bucket(source, dedup_key(key))


def test_the_newest_secret_comes_first_and_older_ones_are_still_known():
    assert NAMES.address("a@b.example")[0] == Pseudonyms((NEW,)).address("a@b.example")[0]
    assert NAMES.address("a@b.example")[1] == Pseudonyms((OLD,)).address("a@b.example")[0]


def test_the_same_text_as_recipient_address_and_key_has_three_names():
    text, source = "a@b.example", UUID(int=1).bytes
    names = {NAMES.recipient(text)[0], NAMES.address(text)[0], NAMES.key(source, text)[0]}
    assert len(names) == 3


def test_a_pseudonym_stays_what_it_is():
    """Frozen: what was hashed in one version must be found by the next."""
    [name] = Pseudonyms((b"k" * 32,)).address("anna@example.com")
    assert name == "erased-541f4bcaf919695a8e446f2efc73c682vcv"
