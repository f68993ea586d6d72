"""The shape of every table: keys that lead with the practice, and columns that say what they hold.

Each column is classified (REG-02): `public`, `health`, `money` or `secret`. The class drives masking,
exports and the redaction of logs; a test fails on a column without one.
"""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Date, ForeignKey, ForeignKeyConstraint, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

INSTANT = TIMESTAMP(timezone=True)
NAMES = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Base(DeclarativeBase):
    """The registry of all mapped classes."""

    metadata = NAMES
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: BigInteger(),
        date: Date(),
        datetime: INSTANT,
        bytes: LargeBinary(),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[UUID]: ARRAY(Uuid()),
        list[str]: ARRAY(Text()),
    }


def _column(holds: str, *args: Any, **options: Any) -> MappedColumn[Any]:
    return mapped_column(*args, info={"holds": holds}, **options)


def public(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column whose values may stand in a log: ids, states, dates of our own work."""
    return _column("public", *args, **options)


def health(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column with protected health information, who somebody is included."""
    return _column("health", *args, **options)


def money(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column with amounts or with what belongs to a payment."""
    return _column("money", *args, **options)


def secret(*args: Any, **options: Any) -> MappedColumn[Any]:
    """A column with a credential, its hash, or ciphertext."""
    return _column("secret", *args, **options)


class Grants:
    """What the scope roles may do with a table besides reading it; written into its migration."""

    FACTS = "SELECT, INSERT"
    RECORDS = "SELECT, INSERT, UPDATE"
    LINKS = "SELECT, INSERT, UPDATE, DELETE"


class PracticeOwned(Base):
    """A row of one practice: `(practice_id, id)` is its key, and every reference carries the practice."""

    __abstract__ = True
    __grants__: ClassVar[str] = Grants.RECORDS

    @declared_attr
    def practice_id(cls) -> Mapped[UUID]:
        """The practice that owns the row."""
        return public(ForeignKey("practices.id"), primary_key=True, sort_order=-2)

    @declared_attr
    def id(cls) -> Mapped[UUID]:
        """The row's own id, UUIDv7 made by the application."""
        return public(primary_key=True, sort_order=-1)


class OrganizationOwned(Base):
    """A row of one billing company."""

    __abstract__ = True
    __grants__: ClassVar[str] = Grants.RECORDS

    @declared_attr
    def organization_id(cls) -> Mapped[UUID]:
        """The billing company that owns the row."""
        return public(ForeignKey("organizations.organization_id"), primary_key=True, sort_order=-2)

    @declared_attr
    def id(cls) -> Mapped[UUID]:
        """The row's own id, UUIDv7 made by the application."""
        return public(primary_key=True, sort_order=-1)


def within_practice(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A reference to a row of the same practice; another practice's row cannot be named at all."""
    return ForeignKeyConstraint(["practice_id", column], [f"{table}.practice_id", f"{table}.id"], **options)


def within_organization(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to a row of the same billing company."""
    return ForeignKeyConstraint(["organization_id", column], [f"{table}.organization_id", f"{table}.id"])
