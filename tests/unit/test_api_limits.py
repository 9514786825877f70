"""How large a body each route reads."""

import pytest

from delivery.api.limits import MAX_BODY, MAX_LIST, most
from delivery.files import MOST


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/v1/events", MAX_BODY),
        ("PUT", "/v1/files/invoices/4711", MOST),
        ("POST", "/v1/files/invoices/4711", MAX_BODY),
        ("PUT", "/v1/audiences/guests/members", MAX_LIST),
        ("PUT", "/v1/audiences/guests", MAX_BODY),
        ("PUT", "/v1/audiences/guests/members/more", MAX_BODY),
    ],
)
def test_only_routes_that_take_files_read_more_than_a_megabyte(method: str, path: str, limit: int):
    assert most(method, path) == limit
