"""The dashboards' server: ``streamlit run dashboards/app.py``. The pages' libraries load before the first visit."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import pandas  # noqa: F401, ICN001 - Streamlit would load it while the first visitor waits
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    # `streamlit run` puts the script's own folder on the path, not the project's
    sys.path.insert(0, str(HERE.parent))

from backhaul.settings import get_settings  # noqa: E402
from dashboards import cards, slices  # noqa: E402, F401
from dashboards.access import SignIn  # noqa: E402
from dashboards.server import PlainStart  # noqa: E402
from dashboards.view import say_failed  # noqa: E402

# what the libraries made stays until the end: no collection needs to look at it again
gc.freeze()

# definitions and lineage, no row: written by `backhaul catalogue`, open to whoever reaches the pages
catalogue = StaticFiles(
    directory=get_settings().root / "catalogue" / "current", html=True, check_dir=False, follow_symlink=True
)
app = st.App(
    HERE / "pages" / "frame.py",
    secrets=SignIn().secrets(),
    on_script_error=say_failed,
    middleware=[Middleware(PlainStart)],
    routes=[Mount("/catalogue", catalogue)],
)
"""One file per page, and the frame that runs the one asked for."""
