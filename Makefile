# Every target makes the environment that it needs, in .venv: only python3 (3.11 or newer, with venv) and the package index must be there.
# What follows the command is passed on in ARGS: make test ARGS="tests/domain -x", make demo ARGS="--port 8010".

PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
ARGS ?=

export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
export UV_COMPILE_BYTECODE := 1
# The program is started again and again; each start would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help .venv demo run test check bench backtest faults fuzz soak screenshots install

help:
	@echo "make demo         the bot on a simulated Discord, in the browser: no account, no token"
	@echo "make install      what the bot needs to run, for a server"
	@echo "make run          the bot on Discord, with config.toml"
	@echo "make test         all tests"
	@echo "make check        style, types, layers, dependencies, catalogues, migrations, lock file"
	@echo "make bench        how long commands take"
	@echo "make backtest     how often forecasts were right, on simulated organisations whose future is known"
	@echo "make soak         30 months of 200 chapters in minutes: whether anything grows, is lost or counted wrongly"
	@echo "make fuzz         hostile clicks, commands and forms by the thousand, and hostile files"
	@echo "make faults       kills the bot 200 times, fails its network, clock and disk, and counts what was lost"
	@echo "make screenshots  the pictures in README.md and docs"

.venv: .venv/.for-work

.venv/.uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.version_info < (3, 11) and sys.exit("Chapterhouse needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.for-run: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact --no-dev
	@touch $@

.venv/.for-demo: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact --no-dev --extra demo
	@touch $@ .venv/.for-run

.venv/.for-work: .venv/.uv-$(UV_VERSION) pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact
	@touch $@ .venv/.for-run .venv/.for-demo

install: .venv/.for-run

demo: .venv/.for-demo
	@$(BIN)/python -m bot demo $(ARGS)

run: .venv/.for-run
	@$(BIN)/python -m bot run $(ARGS)

test: .venv/.for-work
	$(BIN)/python -m pytest -n 3 $(ARGS)

check: .venv/.for-work
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/python -m bot.locales check
	$(BIN)/python -m bot.rights_page check
	$(BIN)/python -m bot.permissions_page check
	$(BIN)/python -m bot.stored_page check
	$(BIN)/python -m pytest -q tests/db/test_migrations.py
	$(BIN)/uv lock --check

bench: .venv/.for-work
	$(BIN)/python -m tests.bench $(ARGS)

backtest: .venv/.for-work
	$(BIN)/python -m tests.backtest $(ARGS)

soak: .venv/.for-work
	MALLOC_ARENA_MAX=2 $(BIN)/python -m tests.soak $(ARGS)

fuzz: .venv/.for-work
	$(BIN)/python -m tests.hostile $(ARGS)

faults: .venv/.for-work
	@$(BIN)/python -m tests.faults $(ARGS)

screenshots: .venv/.for-work
	$(BIN)/python -m tests.screenshots $(ARGS)
