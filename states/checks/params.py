"""What each check must be told by a call's rule: the names and kinds of its parameters."""

from __future__ import annotations

from collections.abc import Mapping

PARAMS: Mapping[str, Mapping[str, str]] = {
    "unit_region": {"prefixes": "texts"},
    "unit_kind": {"allowed": "kinds", "officer": "kinds?"},
    "standing": {"lists": "texts"},
    "threshold": {"field": "number", "op": "operator", "value": "whole", "when": "conditions?"},
    "cap": {"field": "number", "of": "number?", "percent_max": "count?", "minor_max": "count?"},
    "flag": {"field": "flag"},
    "excludes": {"field": "choice", "values": "texts"},
    "period_years": {"years": "years"},
    "document_format": {"formats": "texts"},
    "document_size": {"bytes_max": "count"},
    "document_safe": {"officer": "findings?"},
    "document_count": {"count_max": "count"},
    "form_document": {"material": "material"},
    "sealed": {"only": "material?", "others": "material?"},
}
"""Check to its parameters, name to kind; a kind with ? may be left out. A check not named takes none.

texts: one text at least · kinds: kinds of units · number, flag, choice: a form field of such a type · operator: > >= <
<= · whole: a whole number · count: a whole number from 1 · years: so many as a project may take · conditions: form fields to wanted values · material: its id · findings: codes of
`states.checks.dangers`.
"""
