"""The JSON Schema of a scenario, for editors."""

from __future__ import annotations

from typing import Any

from bntui.scenario.model.scenario import Scenario


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of the YAML that the reader takes; what spans fields only the reader knows."""
    schema = Scenario.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A scenario of bntui"}
