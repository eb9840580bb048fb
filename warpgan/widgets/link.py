"""A panel's state as the query of an address: whoever opens the link finds the panel as it was left.

Voila hands the query of its page to the kernel as the environment variable QUERY_STRING.
"""

import json
import os
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

LONGEST = 2000
"""Characters of a query; longer addresses do not survive every mail program and server."""


def query_of(state: dict[str, Any]) -> str:
    """Return "?state=..." for a panel's state.

    Args:
        state: plain values, as `Panel.state` gives them.

    Raises:
        ValueError: it is longer than `LONGEST` characters.
    """
    query = "?state=" + quote(json.dumps(state, separators=(",", ":")), safe="")
    if len(query) > LONGEST:
        raise ValueError(f"link: {len(query)} characters, and at most {LONGEST} fit; write the state instead")
    return query


def state_in(address: str | None = None) -> str | None:
    """Return the state that an address carries, as text that nobody has checked yet.

    Args:
        address: an address, or its query with or without the question mark; None: the query of this Voila page.

    Returns:
        What stands after "state=", decoded, or None where there is none.

    Raises:
        ValueError: a query longer than `LONGEST` characters, or one that gives the state twice.
    """
    text = os.environ.get("QUERY_STRING", "") if address is None else address
    query = urlsplit(text).query if "?" in text else text
    if "state=" not in query:
        return None
    if len(query) > LONGEST:
        raise ValueError(f"link: its query has {len(query)} characters, expected at most {LONGEST}")
    found = parse_qs(query, max_num_fields=20).get("state", [])
    if len(found) > 1:
        raise ValueError("link: gives the state twice")
    return found[0] if found else None
