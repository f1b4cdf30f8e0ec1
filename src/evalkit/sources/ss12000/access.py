"""How a server that speaks SS 12000 is reached. The bearer token itself is never among it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from evalkit.errors import InputError, Where

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class ApiAccess:
    """Where a server is, which days are wanted of it, and how patiently.

    Parameters
    ----------
    url
        Up to and with the version, such as ``https://ss12000.example.se/v2.0``; endpoints follow it.
    token_variable
        Name of the environment variable that holds the bearer token.
    first_day, last_day
        Of the lessons and the absences wanted, both inside, in Swedish time.
    limit
        Records asked for in one page.
    timeout
        Seconds of silence after which an answer counts as lost.
    page_timeout
        Seconds a page may take as a whole.
    most_tries
        How often one page is asked for before the fetch gives up.
    longest_wait
        Seconds of the longest pause between two tries, whatever the server asks for.

    Raises
    ------
    InputError
        If the address could betray the token or personal data, or a number cannot be. No message repeats what
        stands in ``token_variable`` or before the host, for someone may have put the token itself there.
    """

    url: str
    token_variable: str
    first_day: date
    last_day: date
    limit: int = 1000
    timeout: float = 60.0
    page_timeout: float = 600.0
    most_tries: int = 6
    longest_wait: float = 300.0

    def __post_init__(self) -> None:
        _check_url(self.url)
        object.__setattr__(self, "url", self.url.rstrip("/"))
        if not _VARIABLE.fullmatch(self.token_variable):
            raise _fault(
                "token_variable",
                "this is not the name of an environment variable",
                "write a name such as SS12000_TOKEN, and put the token into that variable, never into the site file",
            )
        if self.last_day < self.first_day:
            raise _fault("to", "the last day is earlier than the first", "correct `from` and `to`")
        if self.limit < 1 or self.most_tries < 1:
            raise _fault("limit", "a page has at least one record, and is tried at least once", "write 1 or more")
        if min(self.timeout, self.page_timeout, self.longest_wait) <= 0:
            raise _fault("timeout", "a time limit is more than 0 seconds", "write a positive number")

    @property
    def is_local(self) -> bool:
        """Whether the server runs on this machine."""
        return urlsplit(self.url).hostname in LOCAL_HOSTS

    def token(self) -> str:
        """Return the bearer token from the environment.

        Raises
        ------
        InputError
            If the variable is not set, or holds what no header can carry.
        """
        found = os.environ.get(self.token_variable, "").strip()
        if not _TOKEN.fullmatch(found):
            problem = "is not set" if not found else "holds blanks or characters that no token has"
            raise _fault(
                "token_variable",
                f"the environment variable {self.token_variable} {problem}",
                f"set {self.token_variable} to the token alone, without the word Bearer",
            )
        return found


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if not host or parts.scheme not in ("https", "http") or any(sign.isspace() for sign in url):
        raise _fault("url", "this is not the address of a server", "write such as https://ss12000.example.se/v2.0")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise _fault(
            "url",
            "the address holds more than host and path",
            "take out what stands before @ and after ? or #; the token is read from the environment",
        )
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise _fault(
            "url", "personal data may not be fetched without encryption", "write https; http is for this machine only"
        )


def _fault(key: str, problem: str, remedy: str) -> InputError:
    return InputError(problem, where=Where(file="site file", column=f"api.{key}"), remedy=remedy)
