# Two commands on a fresh machine: `make demo` and `make test`; both set up what they need. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo serve test check check-windows bench ui interop vm soak api faults feeds custody courier-day outage ocr-full lock clean

BIN := .venv/bin
SETUP = sh tools/run-python tools/setup.py
DATA ?= demo-data
PAGES ?=
HOST ?= 127.0.0.1
PORT ?= 8080
N ?= 1000000
ROUNDS ?= 1000000
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

test: setup-dev ## every test, a file stays with its worker; ARGS="-k label -x" narrows them
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart=0 $(ARGS)

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

faults: setup-dev ## 2,000 dossiers on a bad line under 50 kills, full disks, wrong clocks, power cuts; writes docs/results/faults-<date>.md
	@nice -n 5 $(BIN)/python -m tests.faults $(ARGS)

api: setup-dev ## the served API against its document, 50 cases an operation and mode instead of 3
	@API_EXAMPLES=50 $(BIN)/python -m pytest tests/flow/test_api_document.py -o timeout=3600 $(ARGS)

fuzz: setup-dev ## a million damaged byte strings through every status and scan parser; writes docs/results/fuzz-<date>.md
	@$(BIN)/python -m tests.devices.fuzz --rounds $(ROUNDS) $(ARGS)

ocr-full: setup-dev ## 45 Vietnamese pages: wrong letters by page, processor time beside OCRmyPDF; writes docs/results/ocr-<date>.md
	@$(BIN)/python tests/bench/ocr_speed.py --pages 3 --save $(ARGS)

feeds: setup-dev ## 1,000 pages of 120 dossiers in ten feeds under 50 kill -9; writes docs/results/feeds-<date>.md
	@$(BIN)/python -m tests.flow.feeds_run $(ARGS)

ledgers: setup-dev ## two ledgers of a million dossiers compared over SOAP, bytes counted; SAVE=1 writes docs/results
	@$(BIN)/python -m tests.bench.ledgers $(if $(SAVE),--save) $(ARGS)

custody: setup-dev ## 8,000 items, 30 couriers, late and doubled uploads, wrong clocks, against a known truth; ARGS="--on postgresql"; writes docs/results/custody-<database>-<date>.md
	@$(BIN)/python -m tests.flow.custody_run --save $(ARGS)

courier-day: setup-dev ## a courier's whole day without a network: 50 labels before the camera instead of 8
	@STORY_LABELS=50 $(BIN)/python -m pytest tests/e2e/test_courier_app.py -o timeout=1200 $(ARGS)

outage: setup-dev ## 1,500 dossiers wait 8 hours for a 1 Mbit/s line: who arrives first, was the time told true; SAVE=1
	@$(BIN)/python -m tests.flow.outage_run $(if $(SAVE),--save) $(ARGS)

interop: setup-dev ## the long suite: other stacks
	@if [ -d tests/$@ ]; then $(SUITE) tests/$@ $(ARGS); else echo "There is no $@ suite yet (tests/$@)."; fi

vm: setup-dev ## printers and readers on real kernel devices in QEMU; SAVE=1 writes docs/results
	@$(BIN)/python -m tests.vm $(if $(SAVE),--save) $(ARGS)

lock: setup-dev ## resolve the dependencies anew into requirements*.lock; ARGS="--upgrade" takes newer versions
	@$(BIN)/python tools/lock.py $(ARGS)

clean: ## remove everything that set-up and runs made here, the demonstration's data too
	rm -rf .venv .make node_modules agent/web/static/vendor demo-data demo-data-* build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find agent labels tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
