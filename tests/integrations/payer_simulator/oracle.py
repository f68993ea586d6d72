"""Asks pyx12, which knows nothing of us, whether a 999 or an 835 follows its guide."""

import io
import logging

import pyx12.errors
import pyx12.params
import pyx12.x12n_document


def complaints(text: str) -> str:
    """What pyx12 has against a file; an empty text when it is valid."""
    parameters = pyx12.params.params()
    parameters.set("charset", "E")
    parameters.set("exclude_external_codes", "")
    log = io.StringIO()
    handler, logger = logging.StreamHandler(log), logging.getLogger("pyx12")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        sound = pyx12.x12n_document.x12n_document(
            param=parameters, src_file=io.StringIO(text), fd_997=None, fd_html=None, fd_json=None
        )
    finally:
        logger.removeHandler(handler)
    return log.getvalue() or ("" if sound else "invalid")
