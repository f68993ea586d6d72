"""A private PostgreSQL for this checkout, driven by its own programs and shared by all its processes."""

from integrations.embedded_postgres.errors import EmbeddedServerError
from integrations.embedded_postgres.server import EmbeddedServer, RunningServer
from integrations.embedded_postgres.versions import UnpatchedServer, refuse_unpatched

__all__ = ["EmbeddedServer", "EmbeddedServerError", "RunningServer", "UnpatchedServer", "refuse_unpatched"]
