"""What lies between DATA and the dot comes out as it was, however it is cut on its way."""

from hypothesis import given, settings, strategies as st

from scheduler.smtp.content import Content

LINES = st.lists(
    st.sampled_from([b"", b".", b"..", b"a", b".b", b"\n.\n", b"\r", b"\r\n.x", b"\0"])
)
BEHIND = b"MAIL FROM:<>\r\n.\r\n"


def stuffed(raw: bytes) -> bytes:
    return (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def pieces(octets: bytes, size: int) -> list[bytes]:
    return [octets[start : start + size] for start in range(0, len(octets), size)]


@given(LINES, st.integers(1, 50))
@settings(max_examples=100, deadline=None)
def test_it_comes_out_as_it_was_and_what_lies_behind_stays(lines: list[bytes], size: int):
    raw = b"".join(line + b"\r\n" for line in lines)
    content, buffer, ended = Content(1000), bytearray(), False
    for piece in pieces(stuffed(raw) + BEHIND, size):
        buffer += piece
        ended = ended or content.take(buffer)
    assert ended
    assert content.raw == raw
    assert content.size == len(raw)
    assert bytes(buffer) == BEHIND


def test_of_a_long_one_the_beginning_is_kept_and_memory_stays_small():
    content = Content(100)
    for _ in range(200):
        assert not content.take(bytearray(b"0123456789" * 1000))
        assert len(content._octets) < 80_000
    assert content.take(bytearray(b"\r\n.\r\n"))
    assert content.raw == b"0123456789" * 10
    assert content.size == 2_000_002


def test_the_end_may_be_cut_anywhere_behind_what_was_let_go():
    for cut in range(1, 5):
        content = Content(10)
        content.take(bytearray(b"x" * 100_000))
        end = b"\r\n.\r\n"
        assert not content.take(bytearray(end[:cut]))
        rest = bytearray(end[cut:] + b"QUIT")
        assert content.take(rest)
        assert rest == b"QUIT"
