# `make` alone lists the targets. Everything a target needs, it sets up itself; see scripts/setup.
HOST ?= 127.0.0.1
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup setup-test run test bench bench-large faults lint sbom clean

help:
	@echo 'make run     准备环境并启动：http://$(HOST):$(PORT)（可用 HOST=… PORT=… 改变）'
	@echo '             set everything up and serve the application'
	@echo 'make test    全部检查与测试 / all checks and tests, on SQLite and PostgreSQL'
	@echo 'make lint    仅静态检查 / static checks only'
	@echo 'make bench   性能测量 / measurements of speed'
	@echo 'make bench-large  三十万、一百万个项目时各页面的速度，费时费盘 / speed of every page at 300,000 and at a million projects: hours, and 40 GB for each database'
	@echo 'make faults  费时的检查：各旧版本的全部文书、67 张扫描件、不加补丁的排版、随机走法、断电断网磁盘满等 / what takes long and rarely breaks'
	@echo 'make sbom    服务所装软件包的清单（CycloneDX） / the packages of service as a list'
	@echo 'make setup   仅准备运行环境 / only prepare what running needs'
	@echo 'make setup-test  仅准备测试环境 / only prepare what testing needs'
	@echo 'make clean   删除虚拟环境与缓存，保留 instance/ / remove caches and .venv, keep the data'

setup:
	@./scripts/setup run

setup-test:
	@./scripts/setup test

run: setup
	@.venv/bin/xtbang setup --demo
	@exec .venv/bin/xtbang serve --host $(HOST) --port $(PORT)

test: setup-test
	@./scripts/test

lint: setup-test
	@./scripts/lint

bench: setup-test
	@.venv/bin/python -m pytest -m bench -n 0 -s

bench-large: setup-test
	@XTBANG_BENCH_SIZES='10000 300000 1000000' XTBANG_BENCH_LOG=docs/growth.txt .venv/bin/python -m pytest tests/bench/test_growth.py -m bench -n 0 -s

faults: setup-test
	@HYPOTHESIS_PROFILE=exploring .venv/bin/python -m pytest -m "faults or hypothesis" -n 2 --ignore tests/faults
	@.venv/bin/python -m pytest tests/faults -m faults -n 0

sbom:
	@./scripts/sbom

clean:
	rm -rf .venv sbom.cdx.json .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
