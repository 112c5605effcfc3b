"""Airflow wiring: which step runs when. The steps themselves are importable and tested without Airflow."""
