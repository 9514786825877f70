"""Reading a day of edits from a file, or saying which line is wrong."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.demo.edits import Edit, read_day

LINE = {
    "time": "2015-09-12T00:47:05.474Z",
    "channel": "#en.wikipedia",
    "page": "Great Wave",
    "user": "Anna",
    "comment": "a source",
    "delta": -3,
    "isRobot": False,
    "isAnonymous": True,
    "countryIsoCode": "FR",
    "cityName": None,
}


def written(folder: Path, *lines: object, name: str = "day.json") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_reads_every_field_we_use(tmp_path: Path):
    [edit] = read_day(written(tmp_path, LINE)).edits
    assert edit == Edit(
        number=1,
        at=datetime(2015, 9, 12, 0, 47, 5, 474_000, UTC),
        wiki="en.wikipedia",
        page="Great Wave",
        user="Anna",
        comment="a source",
        delta=-3,
        anonymous=True,
        country="FR",
    )


def test_does_without_what_an_event_does_not_need(tmp_path: Path):
    least = {name: LINE[name] for name in ("time", "channel", "page", "user")}
    [edit] = read_day(written(tmp_path, {**least, "comment": None, "delta": None})).edits
    assert (edit.comment, edit.delta, edit.robot, edit.country) == ("", 0, False, None)


def test_reads_a_packed_file_whatever_its_name(tmp_path: Path):
    plain = written(tmp_path, LINE)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_day(packed) == read_day(plain)


def test_puts_edits_in_order_of_time_and_numbers_them_by_line(tmp_path: Path):
    later = LINE | {"time": "2015-09-12T05:00:00Z"}
    day = read_day(written(tmp_path, later, LINE))
    assert [edit.number for edit in day.edits] == [2, 1]


def test_names_the_day_after_what_the_file_says(tmp_path: Path):
    day = read_day(written(tmp_path, LINE))
    assert read_day(written(tmp_path, LINE, name="copy")).name == day.name
    assert read_day(written(tmp_path, LINE | {"user": "Bo"})).name != day.name


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ({"user": " Anna"}, "user: "),
        ({"user": "ä" * 101}, "user: "),
        ({"user": "An\0na"}, "user: "),
        ({"user": None}, "user: "),
        ({"page": ""}, "page: "),
        ({"page": "a\0b"}, "page: "),
        ({"comment": "a\0b"}, "comment: "),
        ({"time": "yesterday"}, "time: "),
        ({"time": "2015-09-12T00:47:05"}, "time: "),
        ({"delta": "much"}, "delta: "),
    ],
)
def test_says_line_and_field_of_what_is_no_edit(tmp_path: Path, broken: object, what: str):
    path = written(tmp_path, LINE, LINE | broken)
    with pytest.raises(ValueError, match=r"day\.json:2: ") as caught:
        read_day(path)
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", "", "7"])
def test_says_which_line_is_no_json_object(tmp_path: Path, text: str):
    path = tmp_path / "day.json"
    path.write_text(f"{json.dumps(LINE)}\n{text}\n")
    with pytest.raises(ValueError, match=r"day\.json:2: "):
        read_day(path)


def test_says_where_a_packed_file_ends_too_early(tmp_path: Path):
    path = tmp_path / "day.json.gz"
    path.write_bytes(gzip.compress(json.dumps(LINE).encode() * 100)[:-20])
    with pytest.raises(ValueError, match=r"day\.json\.gz:1: the gzip stream is broken"):
        read_day(path)


def test_refuses_an_empty_file(tmp_path: Path):
    with pytest.raises(ValueError, match="there is no edit in it"):
        read_day(written(tmp_path))
