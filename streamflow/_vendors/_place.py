"""Where a request goes, and whether a key may go there."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from ..errors import ModelArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def joined(base: str, path: str) -> str:
    """Return the URL of ``path`` below ``base``.

    What of the path stands at the end of the base already is not repeated: people know the
    address of a service with and without its version.
    """
    base = base.rstrip("/")
    if "://" not in base:
        base = f"{'http' if is_local(host_of(base)) else 'https'}://{base}"
    if base.endswith(path):
        return base
    first = "/" + path.split("/", 2)[1]
    return base + (path[len(first) :] if base.endswith(first) else path)


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return ``url`` with more in its query."""
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def host_of(url: str) -> str | None:
    """Return the host of a URL, which may lack its scheme."""
    return urlsplit(url if "://" in url else f"//{url}").hostname


def is_local(host: str | None) -> bool:
    """Whether a host is this machine."""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return bool(host)
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def check_secure(url: str, insecure_hosts: Sequence[str]) -> None:
    """Refuse to send a key where others can read it.

    Raises:
        ModelArgumentError: The URL is not https, and the host neither local nor allowed.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or is_local(parts.hostname) or parts.hostname in insecure_hosts:
        return
    raise ModelArgumentError(
        f"the key would go to {parts.scheme}://{parts.netloc} for everybody to read; use https, "
        f"or insecure_hosts=[{parts.hostname!r}] if the way there is safe"
    )
