"""SQL: the analyst's page. Tables with their meaning, an editor, results as table, chart and files, saved questions."""

from __future__ import annotations

from html import escape
from itertools import groupby

import streamlit as st

from backhaul import formats, questions
from backhaul.questions import PER_AUTHOR, TITLE_LIMIT, Chart, NotSaved, Question
from backhaul.settings import get_settings
from dashboards import asked
from dashboards.asking import Asking, asking, known, reader, sandbox
from dashboards.blocks import downloads, nothing, plain
from dashboards.data import Row
from dashboards.editor import Listed, editor
from dashboards.refusals import refusal
from dashboards.view import View, keep_in_url, shared
from dashboards.words import folded

ROWS_SHOWN = 500
MATCHES_SHOWN = 40


def main() -> None:
    """The whole page."""
    view, state = shared(), asking()
    columns = meant(view, view.rows("schema_columns"))
    saved = known(view)
    follow_address(view, state, saved)
    # on a phone the columns follow each other: the editor first
    left, right = st.columns([2.6, 1], gap="medium")
    with left:
        pick(view, saved)
        write(view, state, columns)
        act(view, state, saved)
        show(view, state)
        recall(view, state)
    with right:
        browse(view, columns)


def meant(view: View, columns: list[Row]) -> list[Row]:
    """The columns with what they and their tables mean in the reader's language."""
    meaning = view.language.meaning
    return [
        row | {comment: meaning(row[comment] or "") for comment in ("table_comment", "column_comment")}
        for row in columns
    ]


def follow_address(view: View, state: Asking, saved: list[Question]) -> None:
    """Open the question that the address names; its words change with the language while nobody has changed them."""
    question = questions.find(saved, st.query_params.get("question", ""))
    if question is None:
        return
    language = view.language.code
    opened, spoken = state.opened or ("", language)
    if opened != question.id or (spoken != language and state.shows(question, spoken)):
        state.open(question, view)


def pick(view: View, saved: list[Question]) -> None:
    """The saved questions."""
    _, code = view.language.gettext, view.language.code
    by_id = {question.id: question for question in saved}
    asked_for = st.query_params.get("question", "")
    st.session_state["question"] = asked_for if asked_for in by_id else ""

    def name(question_id: str) -> str:
        if not question_id:
            return _("A new question")
        question = by_id[question_id]
        whose = "" if question.is_shipped else f" · {question.author}"
        return f"{question.title(code)}{whose}"

    st.selectbox(
        _("Saved questions"), ["", *by_id], key="question", format_func=name, on_change=keep_in_url, args=("question",)
    )


def write(view: View, state: Asking, columns: list[Row]) -> None:
    """The editor."""
    _ = view.language.gettext
    tables: list[Listed] = [
        {"name": name, "columns": [row["column_name"] for row in rows]}
        for name, rows in groupby(columns, key=lambda row: row["table_name"])
    ]

    def take() -> None:
        state.text = st.session_state["editor"]["sql"]

    def run() -> None:
        state.text = st.session_state["editor"]["run"]
        state.run(view)

    editor(_("Query (SQL)"), state.text, tables, on_text=take, on_run=run, key="editor")
    limits = sandbox().limits
    hint = _(
        "Ctrl+Enter runs, Ctrl+Space completes. Published tables only, nothing can be changed; "
        "up to {seconds} s, {megabytes} MB and {rows} rows."
    )
    rows = formats.count(limits.rows, view.locale)
    st.caption(hint.format(seconds=f"{limits.seconds:g}", megabytes=limits.megabytes, rows=rows))


def act(view: View, state: Asking, saved: list[Question]) -> None:
    """The buttons."""
    _ = view.language.gettext
    with st.container(horizontal=True, key="sql_buttons"):
        if st.button(_("Run"), type="primary", icon=":material/play_arrow:"):
            with st.spinner(_("The query is running…")):
                state.run(view)
        if st.button(_("Explain"), icon=":material/account_tree:"):
            state.explain(view)
        with st.popover(_("Save"), icon=":material/bookmark_add:"):
            save_form(view, state)
        own = questions.find(saved, st.query_params.get("question", ""))
        if own is not None and own.author == reader():
            st.button(_("Delete"), icon=":material/delete:", on_click=forget, args=(own,))


def forget(question: Question) -> None:
    """Delete a question of the reader; its text stays in the editor."""
    questions.delete(get_settings(), question.id, reader())
    del st.query_params["question"]


def save_form(view: View, state: Asking) -> None:
    """Save the text as a question of the reader."""
    _ = view.language.gettext
    st.text_input(_("Title"), max_chars=TITLE_LIMIT, key="question_title")
    st.checkbox(_("Everybody may open it"), value=True, key="question_shared")
    st.button(_("Save the question"), type="primary", on_click=keep, args=(view, state))
    st.caption(_("A saved question has an address of its own: send the link of this page."))


def keep(view: View, state: Asking) -> None:
    """Keep the text under the title that was given; the address then names it."""
    _ = view.language.gettext
    title, is_shared = st.session_state["question_title"], st.session_state["question_shared"]
    try:
        question = questions.save(get_settings(), title, state.text, reader(), shared=is_shared, chart=state.chart)
    except NotSaved:
        text = _("Not saved. A question needs a title and a query; {count} questions each can be kept.")
        st.toast(text.format(count=PER_AUTHOR), icon=":material/error:")
        return
    state.opened = (question.id, view.language.code)
    st.query_params["question"] = question.id
    st.toast(_("Saved. The link of this page opens it."), icon=":material/bookmark_added:")


def show(view: View, state: Asking) -> None:
    """What came of the query."""
    _ = view.language.gettext
    if state.problem is not None:
        text = refusal(state.problem, view.language)
        first, *rest = text.split("\n", 1)
        st.error(plain(first), icon=":material/error:")
        if rest:
            st.code(rest[0].strip("\n"), language=None)
    if state.plan:
        st.code(state.plan, language=None, height=380)
    answer = state.answer
    if answer is None:
        return
    if state.answered.strip() != state.text.strip():
        st.caption(_("The query has been changed since; this is the answer to the one before."))
    count = formats.count(answer.table.num_rows, view.locale)
    seconds = view.write(max(0.01, round(answer.seconds, 2)), "number")
    st.caption(_("{count} rows in {seconds} s.").format(count=count, seconds=seconds))
    if answer.cut:
        st.warning(_("The result is cut here, at the limit. Filter or aggregate to see all of it."))
    if not answer.table.num_rows:
        nothing(_("No rows."))
        return
    result = asked.as_table(answer.table, "query", _("Result"))
    rows, picture = st.tabs([_("Rows"), _("Chart")])
    with rows, st.container(height=460 if answer.table.num_rows > 12 else "content", border=False):
        st.html(result.html(view.locale, view.currency, ROWS_SHOWN))
    with picture:
        drawn(view, state)
    with rows:
        if answer.table.num_rows > ROWS_SHOWN:
            more = _("{shown} of {count} rows; the files hold all.")
            st.caption(more.format(shown=ROWS_SHOWN, count=count))
        downloads(view, result, parquet=lambda: asked.parquet_bytes(answer.table))


def drawn(view: View, state: Asking) -> None:
    """The chart of the result, and how it is drawn."""
    _ = view.language.gettext
    assert state.answer is not None
    result = state.answer.table
    chart = asked.fitting(state.chart, result)
    if chart is None:
        nothing(_("Nothing to draw: a chart needs a column of numbers and another one."))
        return
    kinds = {"bar": _("Bars"), "line": _("Line"), "area": _("Area"), "point": _("Points")}
    names = list(dict.fromkeys(result.column_names))
    numbers = list(dict.fromkeys(asked.measures(result)))
    with st.container(horizontal=True):
        kind = st.selectbox(_("Kind"), list(kinds), list(kinds).index(chart.kind), format_func=lambda key: kinds[key])
        x = st.selectbox(_("Along"), names, names.index(chart.x))
        y = st.selectbox(_("Height"), numbers, numbers.index(chart.y))
        by = ["", *names]
        colour = st.selectbox(_("Colour"), by, by.index(chart.colour or ""), format_func=lambda key: key or _("None"))
    state.chart = Chart(kind, x, y, colour or None)
    drawing = asked.draw(result, state.chart, view.locale)
    table = asked.as_table(result, "query", f"{y} · {x}")
    st.altair_chart(drawing, alt=table.title, key="chart_query")
    view.report.chart(drawing)
    if result.num_rows > asked.POINTS_DRAWN:
        text = _("Drawn: the first {count} rows.")
        st.caption(text.format(count=formats.count(asked.POINTS_DRAWN, view.locale)))
    downloads(view, table, drawing)


def recall(view: View, state: Asking) -> None:
    """The queries of this session."""
    _ = view.language.gettext
    if not state.history:
        return
    with st.expander(_("History of this session")):
        for place, each in enumerate(state.history):
            count = _("not answered") if each.rows is None else formats.count(each.rows, view.locale)
            first = " ".join(each.sql.split())[:90]
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button(
                    _("Open again"), key=f"again_{place}", type="tertiary", icon=":material/undo:", help=first
                ):
                    state.text = each.sql
                    st.rerun()
                took = f"{view.write(round(each.seconds, 2), 'number')}{formats.NBSP}s"
                st.html(f"<small>{each.at:%H:%M} UTC · {escape(count)} · {took} · <code>{escape(first)}</code></small>")


def browse(view: View, columns: list[Row]) -> None:
    """The tables and what their columns mean; a word finds them by name or meaning."""
    _ = view.language.gettext
    st.markdown(f"**{_('Tables and columns')}**")
    wanted = folded(st.text_input(_("Find a table or a column"), placeholder=_("carrier, landed cost, kg…")))
    by_table = {name: list(rows) for name, rows in groupby(columns, key=lambda row: row["table_name"])}
    if wanted:
        found = [
            (name, row)
            for name, rows in by_table.items()
            for row in rows
            if wanted in folded(f"{name} {row['column_name']} {row['table_comment']} {row['column_comment']}")
        ]
        st.caption(_("{count} columns found.").format(count=formats.count(len(found), view.locale)))
        for name, matches in groupby(found[:MATCHES_SHOWN], key=lambda item: item[0]):
            described(name, [row for _name, row in matches])
        return
    chosen = st.selectbox(_("Table"), list(by_table))
    described(chosen, by_table[chosen])


def described(name: str, rows: list[Row]) -> None:
    """A table and its columns."""
    lines = "".join(
        f"<dt><code>{escape(row['column_name'])}</code> <small>{escape(row['data_type'])}</small></dt>"
        f"<dd>{escape(row['column_comment'])}</dd>"
        for row in rows
    )
    st.html(
        f'<div class="bh-schema" tabindex="0" role="region" aria-label="{escape(name)}">'
        f"<p><code>{escape(name)}</code><br>{escape(rows[0]['table_comment'])}</p><dl>{lines}</dl></div>"
    )


main()
