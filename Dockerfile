# One image for every service of docker-compose.yml; which one it is, the command says.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 50000 backhaul \
 && install -d -o backhaul /opt/backhaul /var/lib/backhaul /var/lib/airflow
WORKDIR /opt/backhaul
USER backhaul

# The environment first: it changes less often than the code.
COPY --chown=backhaul tools/setup.py tools/requirements-uv.lock tools/
COPY --chown=backhaul requirements.lock pyproject.toml ./
RUN mkdir backhaul ingestion simulator expectations dashboards dags \
 && for room in backhaul ingestion simulator expectations dashboards dags; do touch $room/__init__.py; done \
 && touch README.md && python tools/setup.py

COPY --chown=backhaul . .
ENV PATH=/opt/backhaul/.venv/bin:$PATH \
    PYTHONPATH=/opt/backhaul \
    PYTHONUNBUFFERED=1 \
    BACKHAUL_HOME=/var/lib/backhaul \
    AIRFLOW_HOME=/var/lib/airflow
