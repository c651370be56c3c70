"""`python -m tools.export_openapi`: write the OpenAPI document where clients read it."""

import json
from pathlib import Path
from typing import cast

from api.main import create_app
from services.backend import Backend

TARGET = Path(__file__).resolve().parents[1] / "field_app_spec" / "openapi.v1.json"


def exported() -> str:
    """The document as it is kept: stable, and readable in a diff."""
    # The routes describe themselves; only answering one would need a backend.
    app = create_app(cast("Backend", None))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    TARGET.write_text(exported(), encoding="utf-8")
    print(f"wrote {TARGET}")
