"""What can keep the embedded server from running, each as a sentence a person can act on."""


class EmbeddedServerError(RuntimeError):
    """The embedded server cannot be had; the message says what to do about it."""


class NoServerPrograms(EmbeddedServerError):
    """Neither the wheel nor the system holds the PostgreSQL server programs."""


class FolderNotOurs(EmbeddedServerError):
    """A folder that must be private was made by somebody else, so nothing is put into it."""


class ServerOutOfReach(EmbeddedServerError):
    """No account that PostgreSQL accepts can reach the cluster or the programs."""


class ServerDidNotStart(EmbeddedServerError):
    """A server program ended with an error; the message ends with what it printed."""
