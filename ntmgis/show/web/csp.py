"""The Content-Security-Policy of a finished page: nothing may load, only the scripts and styles it holds may run."""

import base64
import hashlib
import re

__all__ = ["PLACEHOLDER", "policy", "seal"]

# Data cannot hold it: every "<" of theirs is escaped before it comes into a page.
PLACEHOLDER = "<ntmgis-policy>"

_BLOCK = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1\s*>", re.DOTALL | re.IGNORECASE)
_DATA = re.compile(r"\btype\s*=\s*[\"']?(?:application/json|text/plain)", re.IGNORECASE)


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def policy(html: str) -> str:
    """The policy that lets exactly the inline scripts and styles of `html` run.

    >>> policy("<p>nothing</p>")
    "default-src 'none'; script-src 'none'; style-src 'none'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    """
    allowed: dict[str, dict[str, None]] = {"script": {}, "style": {}}
    for kind, attributes, text in _BLOCK.findall(html):
        if not _DATA.search(attributes):
            allowed[kind.lower()][_hash(text)] = None
    scripts = " ".join(allowed["script"]) or "'none'"
    styles = " ".join(allowed["style"]) or "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def seal(html: str) -> str:
    """`html` with the policy in place of the placeholder, which must stand in it once, before any script or style."""
    if html.count(PLACEHOLDER) != 1:
        message = "the page must hold the policy placeholder once"
        raise ValueError(message)
    first = _BLOCK.search(html)
    if first is not None and first.start() < html.index(PLACEHOLDER):
        message = "the policy must stand before the first script and style"
        raise ValueError(message)
    return html.replace(PLACEHOLDER, policy(html))
