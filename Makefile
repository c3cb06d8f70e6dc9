# Two commands do everything on a fresh machine: make demo, make test. Both build .venv when it is missing.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check bench prove lock clean

$(VENV)/.runtime: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Wuxue needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: $(VENV)/.runtime  ## the whole bot against the built-in rehearsal server, with a page to play it in
	@$(BIN)/python -m bot rehearse --questions tests/data/sample_month/questions.jsonl

test: $(VENV)/.dev  ## every test; a third worker, as some of them wait
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: $(VENV)/.dev  ## style, types, the rooms' contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## speed against named peers, one JSON line each
	@for file in $(wildcard tests/benchmarks/*.py); do $(BIN)/python $$file || exit 1; done

# The tests that have a long form; they ask tests/proving.py.
LONG := tests/simulation tests/proofs tests/scheduler/test_clock_proof.py \
	tests/bot/reports/test_lesson_picture.py tests/curriculum/test_supervision_booking.py \
	tests/journeys/test_hostile_input.py tests/journeys/test_random_updates.py tests/journeys/test_quarter.py \
	tests/journeys/test_season.py tests/journeys/test_weekly_study.py tests/journeys/test_recall.py \
	tests/journeys/test_stories.py tests/journeys/test_monthly_topic.py

prove: $(VENV)/.dev  ## the long proofs, up to an hour; started again, it goes on where it stopped
	WUXUE_PROVE=1 $(BIN)/python -m pytest --timeout=0 -p no:xdist $(LONG)

lock: $(VENV)/.dev  ## pin every dependency anew, with hashes
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV)
