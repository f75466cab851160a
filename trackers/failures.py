"""What can go wrong on the network, in plain words: the libraries' own may carry an address with a key."""

from __future__ import annotations

import os
import ssl

import aiohttp
from aiohttp.http import HttpProcessingError


class AnswerTooLarge(ValueError):
    """The site sends more than anything that could be wanted."""


FAILURES = (aiohttp.ClientError, HttpProcessingError, OSError, TimeoutError, ValueError)
"""All that a request can end in without an answer; ValueError where it cannot be written at all."""


def explain(error: BaseException) -> str:
    """The failure in a few words, without any text of the request."""
    match error:
        case AnswerTooLarge():
            return str(error)
        case aiohttp.ClientConnectorDNSError():
            return "its name is not known (is `url` right?)"
        case aiohttp.ClientConnectorError():
            return _explain_connecting(error)
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed"
        case TimeoutError():
            return "it took too long"
        case aiohttp.ClientPayloadError():
            return "the answer was cut off"
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return "the answer is no HTTP"
        case ValueError():
            return "the request cannot be written: a key or an address has odd characters"
        case OSError():
            return _system_text(error, "the connection broke")
        case _:
            return f"the exchange failed ({type(error).__name__})"


def is_passing(error: BaseException) -> bool:
    """Whether trying again soon may help."""
    return not isinstance(error, (ValueError, aiohttp.ClientSSLError))


def _explain_connecting(error: aiohttp.ClientConnectorError) -> str:
    match error.os_error:
        case ssl.SSLCertVerificationError() as fault:
            return f"its certificate is not trusted: {fault.verify_message}"
        case ssl.SSLError():
            return "it does not speak TLS there (is https:// right?)"
        case fault:
            return _system_text(fault, "the connection failed")


def _system_text(error: OSError, otherwise: str) -> str:
    # Not its own text: aiohttp puts the whole address there.
    return os.strerror(error.errno).lower() if error.errno else otherwise
