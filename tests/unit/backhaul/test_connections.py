"""Connections as Airflow writes them; secrets show nowhere."""

from __future__ import annotations

import pytest

from backhaul.connections import ConnectionMissing, resolve


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


def test_what_is_missing_or_broken(monkeypatch):
    with pytest.raises(ConnectionMissing, match="AIRFLOW_CONN_NOWHERE"):
        resolve("nowhere")
    monkeypatch.setenv("AIRFLOW_CONN_X", '{"password": "hush",')
    with pytest.raises(ValueError, match="AIRFLOW_CONN_X is not valid JSON") as caught:
        resolve("x")
    assert "hush" not in str(caught.value)
