"""HTML to Telegram's text and entities: sulguk, without the framework it loads where it finds one.

Where aiogram is installed, as on every developer's machine for the benchmarks, sulguk imports all
of it for a middleware that nothing here uses: 3 s at each start of `wuxue`.
"""

import sys

# None is Python's own mark for a module that must not be imported; sulguk does without it.
sys.modules.setdefault("sulguk.aiogram_middleware", None)  # type: ignore[arg-type]

from sulguk import RenderResult, transform_html  # noqa: E402

__all__ = ["RenderResult", "transform_html"]
