"""How data stand in the page: compressed, and as letters and digits, so that no value can end the element that holds it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any


def pack(content: Any) -> str:
    """Whatever JSON can say, compressed."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def unpack(page: str) -> Any:
    """What ``pack`` put into a page."""
    (packed,) = re.findall(r'<script id="data" type="text/plain">([^<]*)</script>', page)
    return json.loads(gzip.decompress(base64.b64decode(packed)))
