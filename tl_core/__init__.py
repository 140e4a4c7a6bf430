"""Transfer learning for pictures and texts, without a user interface: ``import tl_core as thaw``.

Ten names make the whole journey (``tl_core.api``); they are loaded when first used. The packages are the machine room:
README, "Developing", has the map.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tl_core.api import (
        compare,
        cross_validate,
        evaluate,
        explain_picture,
        import_pictures,
        list_networks,
        open_workspace,
        predict,
        train,
    )
    from tl_core.draft import Draft

# No name of a package or module of this folder: importing one of these would take the place of the function.
__all__ = [
    "Draft",
    "compare",
    "cross_validate",
    "evaluate",
    "explain_picture",
    "import_pictures",
    "list_networks",
    "open_workspace",
    "predict",
    "train",
]


if not TYPE_CHECKING:  # mypy would take every misspelt name for one that is loaded here

    def __getattr__(name: str) -> object:
        """Load one of the ten names (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module 'tl_core' has no attribute {name!r}")
        return getattr(importlib.import_module("tl_core.api"), name)


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]
