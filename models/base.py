"""The declarative base: how Python types become column types, and what big tables share."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Date, Interval, LargeBinary, MetaData, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID as PG_UUID
from sqlalchemy.orm import DeclarativeBase, mapped_column

Bucket = Annotated[int, mapped_column(SmallInteger, primary_key=True, autoincrement=False)]
"""First column of every key of every big table: see the bucket rule in docs/scale.md."""
Small = Annotated[int, mapped_column(SmallInteger)]
Json = dict[str, Any]


class Base(DeclarativeBase):
    """Base of all tables. They are described here and made by Alembic alone."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        bytes: LargeBinary(),
        date: Date(),
        datetime: TIMESTAMP(timezone=True),
        timedelta: Interval(),
        UUID: PG_UUID(as_uuid=True),
        Json: JSONB(none_as_null=True),
        list[str]: ARRAY(Text()),
    }


BY_DAY = {"postgresql_partition_by": "RANGE (day)"}
"""History: one partition a UTC day, dropped by age."""
