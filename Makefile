# Each target sets up .venv by itself; nothing is installed outside it.
PYTHON ?= python3
STUDY ?= params/skolanknytning
DATA ?= data/skolanknytning
BIN := .venv/bin

.PHONY: setup report test check bench validate docs quarto wheelhouse clean

setup: .venv/.ready

.venv/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("evalkit needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	@test -d .venv || $(PYTHON) -m venv .venv
	@started=$$(date +%s); $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e . \
		&& echo "set up .venv in $$(( $$(date +%s) - started )) s, $$(du -sh .venv | cut -f1)"
	@touch $@

.venv/.ready-for-tests: .venv/.ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,spark]'
	@touch $@

$(DATA)/.simulated.json: .venv/.ready $(STUDY)/study.yml
	@$(BIN)/evalkit simulate $(STUDY) --out $(DATA)

report: .venv/.ready $(DATA)/.simulated.json   ## simulate the study's exports, run it for every municipality, render
	@$(BIN)/evalkit run $(STUDY)

check: .venv/.ready-for-tests                 ## lint, format, types
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy

test: check                                   ## everything a change must pass
	$(BIN)/pytest -n 2 -rs -m "not long"

bench: .venv/.ready-for-tests                 ## speed, as ratios within one run
	$(BIN)/python tests/bench/bench_models.py
	$(BIN)/python tests/bench/bench_checks.py
	$(BIN)/python tests/bench/bench_readers.py
	$(BIN)/python tests/bench/bench_simulator.py
	$(BIN)/python tests/bench/bench_panels.py --rows 54000000

validate: .venv/.ready-for-tests              ## long simulations of every interval's size and power, and thousands of bad inputs
	$(BIN)/python tests/bench/validate_few_treated.py
	$(BIN)/python tests/bench/validate_few_treated.py --summary
	$(BIN)/python tests/bench/validate_competitors.py
	$(BIN)/python tests/bench/validate_competitors.py --summary
	$(BIN)/python tests/bench/validate_bad_inputs.py
	AGREEMENT_SITES=3 $(BIN)/pytest -m long

docs: .venv/.ready                            ## the reference that is made from the schema, the manual from the spec tests
	@$(BIN)/python -m evalkit.vocabulary.dictionary docs/reference
	@$(BIN)/python tests/manual.py docs/manual

quarto: .venv/.ready                          ## the real Quarto, where the network allows
	$(BIN)/python -m pip install -c constraints.txt -e '.[quarto]'

wheelhouse: .venv/.ready                      ## every wheel, for machines without a network
	$(BIN)/python -m pip wheel --quiet -c constraints.txt -w wheelhouse .

clean:
	rm -rf .venv .evalkit data reports/published wheelhouse
