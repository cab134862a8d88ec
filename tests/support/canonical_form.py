"""The canonical form as libxml2 computes it: what the worker's own writer must write, byte for byte."""

from __future__ import annotations

import copy

from lxml import etree


def canonical_form(root: etree._Element) -> bytes:
    """Return a document in inclusive canonical form without comments. A copy: an element alone comes out right."""
    return etree.tostring(copy.deepcopy(root), method="c14n", exclusive=False, with_comments=False)
