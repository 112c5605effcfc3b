"""Connections as Airflow writes them; secrets show nowhere."""

from __future__ import annotations

import pytest

from backhaul.connections import ConnectionMissing, ConnectionUnreadable, resolve


def test_uri_json_and_socket(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_A", "postgres://me:p%40ss@db:5433/stock?sslmode=require")
    monkeypatch.setenv(
        "AIRFLOW_CONN_B", '{"conn_type": "postgres", "host": "db", "login": "me", "extra": "{\\"a\\": 1}"}'
    )
    monkeypatch.setenv("AIRFLOW_CONN_C", "postgresql://postgres:@/postgres?host=/run/pg")
    first = resolve("a")
    assert (first.host, first.port, first.password, first.schema) == ("db", 5433, "p@ss", "stock")
    assert first.postgres_uri() == "postgresql://me:p%40ss@db:5433/stock?sslmode=require"
    assert "p@ss" not in repr(first)
    assert resolve("b").extra == {"a": 1}
    assert resolve("c").postgres_uri() == "postgresql://postgres@/postgres?host=%2Frun%2Fpg"


def test_an_extra_that_airflow_packs_into_a_uri(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_A", "sftp://me@host/?__extra__=%7B%22host_key%22%3A+%22k%22%2C+%22n%22%3A+1%7D")
    assert resolve("a").extra == {"host_key": "k", "n": 1}


def test_a_connection_that_is_not_defined():
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_NOWHERE"):
        resolve("nowhere")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('{"password": "hush",', "not valid as JSON"),
        ('{"password": "hush", "port": "many"}', "not valid as JSON"),
        ('{"password": "hush", "extra": "{"}', "not valid as JSON"),
        ('{"password": "hush", "extra": [1]}', "not valid as JSON"),
        ("postgres://me:hush#4@host/db", "not valid as the URI .* %23"),
        ("postgres://me@host/db?__extra__=hush", "not valid as the URI"),
    ],
    ids=["cut", "port", "extra", "extra list", "unescaped password", "packed extra"],
)
def test_what_cannot_be_read_is_explained_and_not_quoted(monkeypatch, value, message):
    monkeypatch.setenv("AIRFLOW_CONN_X", value)
    with pytest.raises(ConnectionUnreadable, match=f"AIRFLOW_CONN_X is {message}") as caught:
        resolve("x")
    assert "hush" not in str(caught.value)
