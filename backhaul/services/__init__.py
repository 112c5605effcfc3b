"""The services of one installation: processes that are owned, Airflow's environment and API, one cycle of work."""
