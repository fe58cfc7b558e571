# Everything a fresh machine needs is built under .tools, .venv and .cache; nothing else is touched.
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
export UV_PYTHON_DOWNLOADS := never

.DEFAULT_GOAL := help
.PHONY: help run test check format bench soak clean

help:  ## Say what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: .venv/.run  ## Open the console (on a pipe: run its lines)
	@.venv/bin/quitx console

test: .venv/.test  ## Start the real servers and run every test
	@.venv/bin/python -m tests.support.bluesky.install
	@.venv/bin/python -m tests.support.matrix.install
	@.venv/bin/pytest -n 2 --dist loadfile

check: .venv/.test  ## Lint, types, layers, message catalogues, generated docs
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/pyright
	@.venv/bin/lint-imports
	@.venv/bin/python -m tests.support.catalogues
	@.venv/bin/python -m tests.support.generated

format: .venv/.test  ## Rewrite what the machine can: layout, catalogues, generated docs
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	@.venv/bin/python -m tests.support.catalogues --update
	@.venv/bin/python -m tests.support.generated --update

bench: .venv/.test  ## Print the benchmark tables
	@.venv/bin/python -m tests.support.bluesky.install
	@.venv/bin/python -m tests.support.matrix.install
	@.venv/bin/python -m bench

soak: .venv/.test  ## Run the long trials
	@.venv/bin/python -m tests.support.bluesky.install
	@.venv/bin/python -m tests.support.matrix.install
	@.venv/bin/pytest -m soak --timeout 0

clean:  ## Remove what was built
	rm -rf .venv .tools .cache

.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed. On Debian: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .tools || { \
	  echo "Python's venv module is needed. On Debian: apt install python3-venv" >&2; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.run: pyproject.toml uv.lock | .tools/bin/uv
	@test -e .venv/.test || $(UV) sync --quiet --locked --no-dev --all-extras --python $(PYTHON)
	@touch $@

.venv/.test: pyproject.toml uv.lock | .tools/bin/uv
	@$(UV) sync --quiet --locked --all-extras --python $(PYTHON)
	@touch $@ .venv/.run
