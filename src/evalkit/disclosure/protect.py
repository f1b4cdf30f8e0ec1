"""The only door out for results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evalkit.disclosure.jointly import protect_alone
from evalkit.disclosure.policy import Policy, at_least_as_strict, load_policy, refuse_internal
from evalkit.disclosure.release import read_protected
from evalkit.disclosure.requests import emptied, find_request, store_request
from evalkit.errors import DisclosureError
from evalkit.values import Birthright, Origin, Protectable, Protected


def protect(value: Protectable | Protected, *, policy: Policy | None = None, policies: Path | None = None) -> Protected:
    """Make a value safe to show.

    In a notebook opened by hand it is treated alone, and the result is preliminary. In a run's collecting pass the
    request is written down and a placeholder without numbers comes back; in its showing pass what the whole release
    left of it.

    Parameters
    ----------
    value
        A table, flow, estimate, curve or a school's sums. What is protected already comes back as it is.
    policy
        Needed for a value without origin. For others it can only be stricter than the site's, and only by hand.
    policies
        Folder of policies; by default the origin's.

    Returns
    -------
    Protected
        With status ``"preliminary"``, ``"placeholder"`` or ``"released"``.

    Raises
    ------
    DisclosureError
        If there is no policy, a laxer one was handed in, the showing pass asks for what the collecting pass did not, or
        one name stands for two values in a notebook.
    """
    if isinstance(value, Protected):
        return value
    origin = value.origin
    if origin is None:
        return protect_alone(value, _needed(policy))
    own = load_policy(origin.policy, _folder(origin, policies))
    if policy is not None and not at_least_as_strict(policy, own):
        raise DisclosureError(
            f"the policy {policy.name!r} is laxer than {own.name!r}, which the data holder asks for",
            remedy="leave out policy=, or name one that is at least as strict",
        )
    if origin.stage == "interactive":
        return protect_alone(value, policy or own)
    refuse_internal(own)
    if policy is not None and policy.digest != own.digest:
        raise DisclosureError("a run has one policy, the site file's", remedy="leave out policy= in notebooks of a run")
    return _placeholder(value, origin, own) if origin.stage == "collect" else _released(value, origin, own)


def _placeholder(value: Protectable, origin: Origin, policy: Policy) -> Protected:
    key = store_request(value, origin)
    empty, marks = emptied(value)
    return Protected(empty, marks, policy.name, policy.digest, 0, "placeholder", key, Birthright())


def _released(value: Protectable, origin: Origin, policy: Policy) -> Protected:
    key = find_request(value, origin)
    try:
        protected = read_protected(Path(origin.run_folder), key)
    except FileNotFoundError:
        raise DisclosureError(
            f"notebook {origin.notebook} shows {value.name!r}, which was not released",
            remedy="run the study from its start: collect, protect, show",
        ) from None
    if protected.policy_digest != policy.digest:
        raise DisclosureError(
            f"{value.name!r} was released by another policy than {policy.name!r}", remedy="run the study from its start"
        )
    return replace(protected, value=replace(protected.value, origin=origin))


def _needed(policy: Policy | None) -> Policy:
    if policy is None:
        raise DisclosureError(
            "a value without origin has no policy", remedy="hand one in: protect(value, policy=load_policy(...))"
        )
    return policy


def _folder(origin: Origin, policies: Path | None) -> Path:
    folder = policies or (Path(origin.policies) if origin.policies else None)
    if folder is None:
        raise DisclosureError("nobody says where the policies are", remedy="hand in policies=")
    return folder
