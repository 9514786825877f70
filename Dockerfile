# One image for every service; what it runs is the command: `tidings api`, `tidings work`, …
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.lock ./
RUN .venv/bin/pip install --require-hashes --no-deps -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY delivery delivery
COPY scheduler scheduler
COPY dashboard dashboard
COPY alembic alembic
RUN .venv/bin/pip install --no-deps --no-build-isolation -e . \
    && .venv/bin/python -m compileall -q models delivery scheduler dashboard

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Tidings" org.opencontainers.image.licenses="MIT"
# The data directory is made here so that a fresh volume belongs to the account that writes it.
RUN useradd --system --uid 10001 --create-home tidings \
    && install -d -o tidings -g tidings -m 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 TIDINGS_DATA_DIR=/data TIDINGS_LOG_FORMAT=json
USER tidings
VOLUME /data
EXPOSE 8080 8501 2525 2526 8025
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-c", \
    "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('TIDINGS_API_PORT', 8080), timeout=2)"]
ENTRYPOINT ["tidings"]
CMD ["api", "--host", "0.0.0.0"]
