"""Asks pyx12, which shares no line with our codec, whether a text is valid."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Importing it and running it warn of things that are its own affair.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyx12.errors
    import pyx12.params
    import pyx12.x12n_document

_MAP_MISSING = "Map not found"


def verdict(text: str, *, remark_codes: bool = False) -> str:
    """`valid`, or what pyx12 says; its remark codes end in 2012, so they are left out unless asked for."""
    params = pyx12.params.params()
    params.set("charset", "E")
    params.set("exclude_external_codes", "" if remark_codes else "remark_code")
    told = io.StringIO()
    with _listening(told), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        valid = _validate(params, text, told)
    # It logs structural errors and yet returns True, so a word in the log is a verdict too.
    said = told.getvalue().strip()
    return "valid" if valid and not said else said or "invalid"


def _validate(params: object, text: str, told: io.StringIO) -> bool:
    try:
        return bool(
            pyx12.x12n_document.x12n_document(
                param=params, src_file=io.StringIO(text), fd_997=None, fd_html=None, map_path=None
            )
        )
    except pyx12.errors.EngineError as error:
        told.write("no map for it" if _MAP_MISSING in str(error) else str(error))
        return False


@contextmanager
def _listening(told: io.StringIO) -> Iterator[None]:
    logger, handler = logging.getLogger("pyx12"), logging.StreamHandler(told)
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
