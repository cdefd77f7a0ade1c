"""Tables of the masking proxy's sources: profiles, who has which, what is released, what went by which name.

They are the reconciler's to write, and the proxies' to read (docs/proxy.md).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from nexus_core.store.metadata import UtcDateTime, metadata

masking_source = Table(
    "masking_source",
    metadata,
    Column("source", String, primary_key=True),
    Column("generation", BigInteger, nullable=False),  # grows with every change of what anybody sees
    Column("checked_at", UtcDateTime),  # when what is in force was last seen to be what policies say
    Column("problems", Text, nullable=False),  # JSON: what stands against serving it; [] is green
    Column("attributes", Text, nullable=False),  # JSON: names of the attributes that row filters ask for
    Column("absent", Text, nullable=False),  # JSON: relations that nobody is served, each with the reason
    Column("class_generation", BigInteger, nullable=False),  # the newest of the classes that was acted on
    Column("complete_at", BigInteger, nullable=False),  # and how far those were computed
    Column("rounds", BigInteger, nullable=False),  # how often its reconciler has gone through all
)

masking_profile = Table(
    "masking_profile",
    metadata,
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # JSON: the profile, and how its views are made
    Column("digest", String, nullable=False),  # of what was made of it in the source
    Column("password", LargeBinary, nullable=False),  # sealed under the proxy's key
    Column("verifier", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),  # when the password was made
    Column("retired_at", UtcDateTime),  # nobody has it any more since
)

masking_audience = Table(
    "masking_audience",
    metadata,
    Column("source", String, primary_key=True),
    Column("audience", String, primary_key=True),  # a hash of roles, where they are held, and attributes
    Column("profile_id", String),  # None: not served now
    Column("why", Text, nullable=False),
)

masking_release = Table(
    "masking_release",
    metadata,
    Column("source", String, primary_key=True),
    Column("schema", String, primary_key=True),  # "" for all relations
    Column("relation", String, primary_key=True),
    Column("until", UtcDateTime, nullable=False),
    Column("done", Boolean, nullable=False),  # whether nothing of ours depends on it any more
)

masking_identity = Table(
    "masking_identity",
    metadata,
    Column("source", String, primary_key=True),
    Column("oid", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("schema", String, primary_key=True),
    Column("relation", String, primary_key=True),
    Column("field", String, primary_key=True),
)
"""Names that a column, by its relation's oid and its own number, was ever seen under."""
