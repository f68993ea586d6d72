"""The secrets of the embedded default, made once and kept beside its data, readable by nobody else."""

import base64
import json
import os
import secrets
from pathlib import Path

NAME = "secrets.json"


def embedded_secrets(data_folder: Path) -> dict[str, str]:
    """The environment's secrets for this folder; made at the first call, never changed after.

    Losing the file makes encrypted files and directory keys unreadable, so it is part of a backup.
    """
    path = data_folder / NAME
    if not path.exists():
        _write(path, json.dumps(_fresh(), indent=1))
    path.chmod(0o600)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _fresh() -> dict[str, str]:
    return {
        "VISITLEDGER_PEPPER": base64.b64encode(os.urandom(32)).decode(),
        "VISITLEDGER_FILE_KEY": base64.b64encode(os.urandom(32)).decode(),
        "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(24)}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(24)}",
        "LOGIN_PASSWORD": secrets.token_urlsafe(32),
    }


def _write(path: Path, text: str) -> None:
    """Write aside and rename, so that a killed process leaves no half secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    aside.rename(path)
