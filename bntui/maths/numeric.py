"""numpy, loaded when it is first used: the kinds are known to whoever only reads a scenario, and that must not wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["Array", "Indices", "Truths", "np"]

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Indices = NDArray[np.intp]
    Truths = NDArray[np.bool_]
else:
    import sys
    from importlib.util import LazyLoader, find_spec, module_from_spec

    def _lazily(name: str) -> Any:
        """The module of that name, which is executed when an attribute of it is first asked for."""
        if name in sys.modules:
            return sys.modules[name]
        spec = find_spec(name)
        spec.loader = LazyLoader(spec.loader)
        module = sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    np = _lazily("numpy")
    Array = Indices = Truths = Any
