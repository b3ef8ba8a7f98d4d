# Two commands on a fresh machine: `make demo` and `make test`; both set up what they need. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo serve test check check-windows bench ui interop soak lock clean

BIN := .venv/bin
SETUP = sh tools/run-python tools/setup.py
DATA ?= demo-data
PAGES ?=
HOST ?= 127.0.0.1
PORT ?= 8080
N ?= 1000000
ARGS ?=
SUITE = $(BIN)/python -m pytest -o addopts="--strict-markers --import-mode=importlib" -s

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' Makefile | while IFS='|' read -r name words; do printf '  make %-14s %s\n' "$$name" "$$words"; done

setup: ## the environment with what the product needs (.venv, locked with hashes)
	@$(SETUP) runtime

setup-dev: ## the same with what its tests need, system packages too
	@$(SETUP) dev

demo: setup ## carry one dossier all the way; PAGES=folder of page images (default: it makes its own), DATA=folder
	@$(BIN)/postal-agent demo --data "$(DATA)" $(if $(PAGES),--pages "$(PAGES)") $(ARGS)

serve: setup ## the counter's screens on HOST:PORT
	@$(BIN)/postal-agent serve --host $(HOST) --port $(PORT) $(ARGS)

test: setup-dev ## every test, a file at a time on each core; ARGS="-k label -x" narrows them
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: setup-dev ## lint, format, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check-windows: setup-dev ## every locked dependency has a wheel for 64-bit Windows
	@$(BIN)/python tools/lock.py --check-windows

bench: setup-dev ## speed and memory, as ratios within one run; N=20000 is a short one, SAVE=1 writes docs/results
	@$(BIN)/python -m tests.bench --size $(N) $(if $(SAVE),--save) $(ARGS)

ui: setup-dev ## the screens in a browser
	@$(BIN)/python -m pytest tests/e2e $(ARGS)

soak: setup-dev ## the power-cut drill with 50 kills a test; writes docs/results/soak-<date>.md
	@$(BIN)/python -m tests.flow.soak $(ARGS)

interop: setup-dev ## the long suite: other stacks
	@if [ -d tests/$@ ]; then $(SUITE) tests/$@ $(ARGS); else echo "There is no $@ suite yet (tests/$@)."; fi

lock: setup-dev ## resolve the dependencies anew into requirements*.lock; ARGS="--upgrade" takes newer versions
	@$(BIN)/python tools/lock.py $(ARGS)

clean: ## remove everything that set-up and runs made here, the demonstration's data too
	rm -rf .venv .make node_modules agent/web/static/vendor demo-data demo-data-* build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find agent labels tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
