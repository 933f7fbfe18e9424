# The application in an environment of its own, from the hashed lock file; with PostgreSQL's client programs for backups.
FROM python:3.13-slim-trixie AS built
WORKDIR /source
COPY requirements ./requirements
RUN python -m venv /opt/fundcall \
    && /opt/fundcall/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY states ./states
COPY workflow ./workflow
COPY notifications ./notifications
COPY templates ./templates
COPY fundcall ./fundcall
RUN /opt/fundcall/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim-trixie
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/fundcall --create-home fundcall \
    && install -d -o fundcall -g fundcall -m 0700 /var/lib/fundcall /var/backups/fundcall
COPY --from=built /opt/fundcall /opt/fundcall
ENV PATH=/opt/fundcall/bin:$PATH FUNDCALL_DATA_DIR=/var/lib/fundcall PYTHONUNBUFFERED=1
USER fundcall
VOLUME ["/var/lib/fundcall", "/var/backups/fundcall"]
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["fundcall"]
CMD ["serve", "--host", "0.0.0.0"]
