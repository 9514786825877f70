"""Statements on big tables name their buckets."""

import pytest

from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import count


def test_a_slice_is_the_text_of_an_array():
    assert slice_of([7, 3, 7]) == "{3,7}"
    assert slice_of([]) == "{}"
    assert slice_of(range(1024)) == EVERYWHERE


def test_refuses_a_statement_that_would_visit_every_shard():
    with pytest.raises(ValueError, match="bucket = ANY"):
        routed("SELECT count(*) FROM queue", EVERYWHERE, count)


def test_the_slice_is_a_parameter_of_its_type():
    query = routed("SELECT 1 FROM queue WHERE bucket = ANY(:slice)", "{1}", count, more=2)
    assert str(query.statement).endswith("bucket = ANY(CAST(:slice AS smallint[]))")
    assert query.parameters == {"slice": "{1}", "more": 2}
