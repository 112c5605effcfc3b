"""Sliders of a page whose positions stand in the address, so that the link shows the same what-if."""

from __future__ import annotations

import streamlit as st


def slider(name: str, label: str, low: int, high: int, default: int = 0, step: int = 1) -> int:
    """A whole number between ``low`` and ``high``; the address names it while it is not the default.

    Args:
        name: of the parameter, and of the widget.
        label: what is set, with its unit.
        low: the least.
        high: the most.
        default: where it stands when the address names none, or none that there is.
        step: from one position to the next.
    """
    asked = st.query_params.get(name, "")
    try:
        value = int(asked)
    except ValueError:
        value = default
    value = min(max(value, low), high)
    # set only where it differs: what is set goes back to the browser, over a hand that is already further
    if st.session_state.get(name) != value:
        st.session_state[name] = value
    return st.slider(label, low, high, step=step, key=name, on_change=_keep, args=(name, default))


def _keep(name: str, default: int) -> None:
    value = st.session_state[name]
    if value != default:
        st.query_params[name] = str(value)
    elif name in st.query_params:
        del st.query_params[name]
