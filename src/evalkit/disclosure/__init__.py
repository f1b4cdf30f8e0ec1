"""The only door out for results: policy, treatment, audit, ledger, gate and scan."""

from evalkit.disclosure.audit import audit
from evalkit.disclosure.gate import check_notebook, receipt
from evalkit.disclosure.jointly import protect_alone, protect_release
from evalkit.disclosure.ledger import LedgerEntry, append_ledger, read_ledger
from evalkit.disclosure.policy import Policy, at_least_as_strict, load_policy
from evalkit.disclosure.protect import protect
from evalkit.disclosure.release import Release, read_release, write_release
from evalkit.disclosure.requests import read_requests
from evalkit.disclosure.scan import scan_published

__all__ = [
    "LedgerEntry",
    "Policy",
    "Release",
    "append_ledger",
    "at_least_as_strict",
    "audit",
    "check_notebook",
    "load_policy",
    "protect",
    "protect_alone",
    "protect_release",
    "read_ledger",
    "read_release",
    "read_requests",
    "receipt",
    "scan_published",
    "write_release",
]
