# One list of commands for people and for CI. Everything made lies in .venv and .cache (and in node_modules).

PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
CYCLONEDX_VERSION := 7.5.0
PYTEST_ARGS ?=
IMAGE_ARGS ?=
# The lock file of the worker's image and of its SBOM: worker, or tracing, which adds OpenTelemetry.
LOCK ?= worker
COMPOSE_SERVICES ?=
# The engine of compose: its images must be built by it, too.
ENGINE ?= docker
# Each process starts a Kafka and a PostgreSQL of its own (up to 1 GB), and waits for them half of its time; one has the
# unit tests, which compute. Five leave 6 % of two cores idle, four a quarter.
TEST_PROCESSES ?= 5
# The first time in a checkout; each process would do it, some 5 s of CPU.
REWRITE_ASSERTIONS = [ -d tests/unit/__pycache__ ] || $(BIN)/pytest --collect-only -qq >/dev/null 2>&1
CHAOS_ARGS ?=
BENCH_ARGS ?=

# A thousand processes of the tests load the same modules: without their bytecode each of them compiles them again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup check format test test-unit deploy-check test-kubernetes image sbom test-image compose-up compose-down demo chaos bench bench-parts contracts contracts-check dashboards dashboards-check lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.complete ## make the virtual environment from the lock file (the others call it; a second run costs nothing)

.venv/.complete: requirements/all.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) on the path: install Python 3.11 or newer, or name one: make setup PYTHON=..." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): Herald needs Python 3.11 or newer. Name one: make setup PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian, Ubuntu: the package python3-venv)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

check: setup contracts-check ## format, lint, types, import rules and contracts, changing nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy -p deploy.monitoring.dashboards
	$(BIN)/lint-imports

format: setup ## put the code into the one format, and repair what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup tests/asyncapi/node_modules/.complete ## every test, against real servers where they can be had
	@$(REWRITE_ASSERTIONS) & $(BIN)/python -m tests.support.files.install & \
	$(BIN)/python -m tests.support.kafka.prepare && $(BIN)/python -m tests.support.softhsm.install; \
	prepared=$$?; wait; exit $$prepared
	@$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadfile $(PYTEST_ARGS)

test-unit: setup ## the tests that touch nothing outside the process
	@$(BIN)/pytest -n $(TEST_PROCESSES) tests/unit $(PYTEST_ARGS)

deploy-check: setup ## check everything under deploy/ with its own validators (Go builds some of them, once for all checkouts)
	@$(BIN)/python -m tests.deploy.check

test-kubernetes: setup ## apply what is under deploy/ to a real control plane (etcd on the path; Go builds the rest, once)
	@$(BIN)/python -m tests.kubernetes.programs
	@$(BIN)/pytest --timeout 300 tests/kubernetes $(PYTEST_ARGS)

# Validators and code generators of the contracts are Node packages; their tests skip, visibly, where there is no npm.
tests/asyncapi/node_modules/.complete: $(wildcard tests/asyncapi/package-lock.json)
	@if [ -n "$<" ] && command -v npm >/dev/null; then npm ci --prefix tests/asyncapi --silent --no-audit --no-fund && touch $@; fi

demo: setup ## a hospital's submissions, from event to answer, on embedded servers
	@$(BIN)/herald demo

chaos: setup ## nothing lost, nothing sent twice: prove it on real servers under faults (CHAOS_ARGS="--seed 7")
	@$(BIN)/python -m tests.support.kafka.prepare
	@$(BIN)/python -m tests.chaos --json $(CHAOS_ARGS)

bench: setup ## what a submission costs Herald, a plainly written worker and one signature, in one run (BENCH_ARGS="--quick")
	@$(BIN)/python -m tests.support.kafka.prepare
	@$(BIN)/python -m tests.bench $(BENCH_ARGS)

bench-parts: setup ## measure the parts of a submission, each for itself
	@$(BIN)/python -m tests.bench.signing
	@$(BIN)/python -m tests.bench.backends
	@$(BIN)/python -m tests.bench.csc
	@$(BIN)/python -m tests.bench.pkcs11
	@$(BIN)/python -m tests.bench.journal
	@$(BIN)/python -m tests.bench.worker
	@$(BIN)/python -m tests.bench.metrics 0
	@$(BIN)/python -m tests.bench.tracing 0

contracts: setup ## write again what is generated: contracts/published/, docs/configuration.md, docs/metrics.md and the copies of the alerts
	$(BIN)/herald contracts export
	$(BIN)/python -m worker.settings.reference docs/configuration.md
	$(BIN)/python -m worker.observability.metrics.page docs/metrics.md
	$(BIN)/python -m tests.deploy.prometheus_rule

contracts-check: setup ## refuse changes of the contracts that break hospitals' software
	$(BIN)/herald contracts compatible

image: ## build the images herald-worker and herald-demo (LOCK=tracing with OpenTelemetry; IMAGE_ARGS="--build-arg PYTHON_IMAGE=...")
	@deploy/image/build.sh worker --build-arg LOCK=$(LOCK) $(IMAGE_ARGS)
	@deploy/image/build.sh demo --build-arg LOCK=$(LOCK) $(IMAGE_ARGS)

# The environment of the worker's image, made from the same lock file: what is listed is what is installed.
sbom: .cache/sbom-$(LOCK)/.complete .cache/cyclonedx/.complete ## list the packages of herald-worker with their licences: dist/herald-worker.cdx.json (CycloneDX; LOCK as for the image)
	@mkdir -p dist
	@.cache/cyclonedx/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application \
		--output-reproducible --output-format JSON --output-file dist/herald-worker.cdx.json .cache/sbom-$(LOCK)/bin/python

.cache/sbom-$(LOCK)/.complete: requirements/$(LOCK).lock
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(PYTHON) -m pip --python $(@D)/bin/python install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

.cache/cyclonedx/.complete:
	$(PYTHON) -m venv .cache/cyclonedx
	.cache/cyclonedx/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==$(CYCLONEDX_VERSION)
	@touch $@

test-image: setup ## build the images and run them without rights, with a whole submission through the worker's (minutes; needs podman)
	@$(BIN)/python -m tests.image.machine
	@$(BIN)/python -m tests.support.kafka.prepare
	@$(BIN)/pytest -o python_files='check_*.py' tests/image $(PYTEST_ARGS)

compose-up: ## start Kafka, PostgreSQL, the NHIS sandbox, a worker and monitoring on this machine (ENGINE=docker or podman)
	@BUILDER=$(ENGINE) $(MAKE) --no-print-directory image
	@deploy/compose/secrets.sh
	$(ENGINE) compose --file deploy/compose/compose.yaml up --detach --wait $(COMPOSE_SERVICES)

compose-down: ## stop them; their data stays
	$(ENGINE) compose --file deploy/compose/compose.yaml down

dashboards: setup ## write the Grafana dashboards again, deploy/monitoring/dashboards/*.json
	$(BIN)/python -m deploy.monitoring.dashboards

dashboards-check: setup ## ask a real Prometheus, which scrapes workers under load, every query of the dashboards
	@$(BIN)/python -m tests.support.kafka.prepare
	@$(BIN)/pytest -q -p no:cacheprovider --strict-skips tests/monitoring

lock: .cache/uv/.complete ## resolve the lock files anew from pyproject.toml
	.cache/uv/bin/uv pip compile --quiet $(LOCK_OPTIONS) --all-extras --output-file requirements/all.lock pyproject.toml
	.cache/uv/bin/uv pip compile --quiet $(LOCK_OPTIONS) --constraint requirements/all.lock --output-file requirements/worker.lock pyproject.toml
	.cache/uv/bin/uv pip compile --quiet $(LOCK_OPTIONS) --constraint requirements/all.lock --extra tracing --output-file requirements/tracing.lock pyproject.toml
	.cache/uv/bin/uv pip compile --quiet $(LOCK_OPTIONS) --constraint requirements/all.lock --extra demo --output-file requirements/demo.lock pyproject.toml
	.cache/uv/bin/uv pip compile --quiet $(LOCK_OPTIONS) --constraint requirements/all.lock --output-file requirements/build.lock requirements/build.in

LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --upgrade

.cache/uv/.complete:
	$(PYTHON) -m venv .cache/uv
	.cache/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

clean: ## remove what was made
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/asyncapi/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
