"""The dashboards' server: ``streamlit run dashboards/app.py``. The pages' libraries load before the first visit."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas  # noqa: F401, ICN001 - Streamlit would load it while the first visitor waits
import streamlit as st

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    # `streamlit run` puts the script's own folder on the path, not the project's
    sys.path.insert(0, str(HERE.parent))

from dashboards import sections  # noqa: E402, F401
from dashboards.view import say_failed  # noqa: E402

app = st.App(HERE / "pages" / "frame.py", on_script_error=say_failed)
